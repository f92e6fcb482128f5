-- v2 writes down by which channel an order came. v1 knows nothing of it and must go on working: the column may be null.
ALTER TABLE orders ADD COLUMN channel text;
