-- What is published is signed when it is published, not when a desk asks for it: whoever can change tables but has no key makes no desk
-- take anything. Null: published before this, and served unsigned until it is published again.

alter table publications add column signed jsonb;
