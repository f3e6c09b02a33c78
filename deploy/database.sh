#!/bin/sh
# First start of PostgreSQL's container: one role owns the tables and brings their schema up ("compliance migrate"); that
# of the site reads and writes rows, and can take away none of what guards them. Neither is a superuser, as no policy on
# rows binds one.
set -eu
psql --set=ON_ERROR_STOP=1 --username postgres --dbname postgres \
    --set=password="$DATABASE_PASSWORD" --set=owner="$DATABASE_OWNER_PASSWORD" <<'SQL'
CREATE ROLE pyramide_owner LOGIN PASSWORD :'owner';
CREATE ROLE pyramide LOGIN PASSWORD :'password';
CREATE DATABASE pyramide OWNER pyramide_owner;
\connect pyramide
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO pyramide_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE pyramide_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO pyramide;
SQL
