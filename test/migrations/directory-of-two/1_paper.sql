CREATE TABLE paper (id int, weight int);
