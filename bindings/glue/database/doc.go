// Package database connects scripts to SQL databases: PostgreSQL through pgx,
// MySQL and MariaDB through go-sql-driver, SQLite through modernc. A [DB] is one
// script's; the connections behind it are pooled for the process. Every
// connection is asked for at the run's door when it is made and whenever a run
// takes it from the pool, and goes back, or is closed, when the run ends.
package database
