package db

import "github.com/go-gormigrate/gormigrate/v2"

// stepsOfVault make what the vault keeps: keys, credentials, what became of
// their use, host keys.
func stepsOfVault() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0003-vault",
			`CREATE TABLE vault_key (
				id INTEGER PRIMARY KEY,
				class TEXT NOT NULL,
				master TEXT NOT NULL,
				sealed BLOB NOT NULL,
				made INTEGER NOT NULL
			) STRICT`,

			`CREATE TABLE credential (
				id TEXT PRIMARY KEY,
				name TEXT NOT NULL UNIQUE,
				scope TEXT NOT NULL,
				sites TEXT NOT NULL,
				platforms TEXT NOT NULL,
				ssh_user TEXT NOT NULL,
				ssh_key INTEGER NOT NULL,
				snmp_version TEXT NOT NULL,
				snmp_user TEXT NOT NULL,
				sealed BLOB NOT NULL,
				paused INTEGER NOT NULL,
				changed INTEGER NOT NULL,
				changed_by TEXT NOT NULL
			) STRICT`,

			// Which credential opened a device last, one row a device and kind.
			`CREATE TABLE credential_used (
				device TEXT NOT NULL,
				kind TEXT NOT NULL,
				credential TEXT NOT NULL,
				at INTEGER NOT NULL,
				PRIMARY KEY (device, kind)
			) STRICT, WITHOUT ROWID`,
			`CREATE INDEX credential_used_name ON credential_used (credential, at)`,

			// Logins that a device refused; rows older than a day are removed.
			`CREATE TABLE credential_refused (
				id INTEGER PRIMARY KEY,
				device TEXT NOT NULL,
				kind TEXT NOT NULL,
				credential TEXT NOT NULL,
				at INTEGER NOT NULL
			) STRICT`,
			`CREATE INDEX credential_refused_device ON credential_refused (device, kind, at)`,
			`CREATE INDEX credential_refused_name ON credential_refused (credential, at)`,

			`CREATE TABLE host_key (
				device TEXT PRIMARY KEY,
				type TEXT NOT NULL,
				body BLOB NOT NULL,
				pinned INTEGER NOT NULL,
				pinned_by TEXT NOT NULL,
				reason TEXT NOT NULL,
				shown_type TEXT NOT NULL,
				shown_body BLOB NOT NULL,
				shown INTEGER NOT NULL
			) STRICT`,
		),
	}
}
