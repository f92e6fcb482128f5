CREATE TABLE orders (
  id text PRIMARY KEY,
  version text NOT NULL,
  placed_at timestamptz NOT NULL DEFAULT now()
);
