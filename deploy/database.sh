#!/bin/sh
# First start of PostgreSQL's container: the site's role is no superuser, as no policy on rows binds one.
set -eu
psql --set=ON_ERROR_STOP=1 --username postgres --set=password="$DATABASE_PASSWORD" <<'SQL'
CREATE ROLE pyramide LOGIN PASSWORD :'password';
CREATE DATABASE pyramide OWNER pyramide;
SQL
