package db

import "github.com/go-gormigrate/gormigrate/v2"

// stepsOfAccounts make what auth and audit keep. Secrets of sessions, tokens
// and the set-up link are there as SHA-256 only.
func stepsOfAccounts() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0004-accounts",
			`CREATE TABLE account (
				id TEXT PRIMARY KEY,
				name TEXT NOT NULL,
				name_fold TEXT NOT NULL UNIQUE,
				role TEXT NOT NULL,
				password TEXT NOT NULL,
				disabled INTEGER NOT NULL,
				created INTEGER NOT NULL
			) STRICT`,
			`CREATE TABLE session (
				id TEXT PRIMARY KEY,
				account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
				created INTEGER NOT NULL,
				seen INTEGER NOT NULL,
				address TEXT NOT NULL,
				agent TEXT NOT NULL
			) STRICT, WITHOUT ROWID`,
			`CREATE INDEX session_account ON session (account, created)`,
			`CREATE TABLE token (
				id TEXT PRIMARY KEY,
				hash TEXT NOT NULL UNIQUE,
				account TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
				name TEXT NOT NULL,
				role TEXT NOT NULL,
				created INTEGER NOT NULL,
				expires INTEGER NOT NULL,
				used INTEGER NOT NULL
			) STRICT`,
			`CREATE INDEX token_account ON token (account, created)`,
			`CREATE TABLE login_failure (
				id INTEGER PRIMARY KEY,
				key TEXT NOT NULL,
				at INTEGER NOT NULL
			) STRICT`,
			`CREATE INDEX login_failure_key ON login_failure (key, at)`,
			`CREATE INDEX login_failure_at ON login_failure (at)`,
			`CREATE TABLE setup_link (
				id INTEGER PRIMARY KEY CHECK (id = 1),
				hash TEXT NOT NULL,
				expires INTEGER NOT NULL
			) STRICT`,

			`CREATE TABLE audit (
				seq INTEGER PRIMARY KEY,
				at INTEGER NOT NULL,
				actor_kind TEXT NOT NULL,
				actor TEXT NOT NULL,
				address TEXT NOT NULL,
				request TEXT NOT NULL,
				verb TEXT NOT NULL,
				object TEXT NOT NULL,
				site TEXT NOT NULL,
				before TEXT NOT NULL,
				after TEXT NOT NULL,
				outcome TEXT NOT NULL,
				prev BLOB NOT NULL,
				mac BLOB NOT NULL
			) STRICT`,
			`CREATE INDEX audit_verb ON audit (verb, seq)`,
			// Appended to and read, never more: not even by a fault of ours.
			`CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit records do not change'); END`,
			`CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit records do not change'); END`,
			`CREATE TABLE audit_head (
				id INTEGER PRIMARY KEY CHECK (id = 1),
				seq INTEGER NOT NULL,
				mac BLOB NOT NULL
			) STRICT`,
		),
	}
}
