package db

import "github.com/go-gormigrate/gormigrate/v2"

// stepsOfPlaces make where end systems are and were, the descriptions of ports
// to search in, and what people decided about neighbours that no device matches.
func stepsOfPlaces() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0007-places",
			`CREATE TABLE place (
				id INTEGER PRIMARY KEY,
				mac TEXT NOT NULL,
				device TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
				port TEXT NOT NULL,
				vlan INTEGER NOT NULL,
				address TEXT NOT NULL,
				confidence REAL NOT NULL,
				because TEXT NOT NULL,
				since INTEGER NOT NULL,
				until INTEGER NOT NULL DEFAULT 0,
				last_seen INTEGER NOT NULL,
				missed INTEGER NOT NULL DEFAULT 0
			) STRICT`,
			`CREATE INDEX place_mac ON place (mac)`,
			`CREATE UNIQUE INDEX place_now ON place (mac) WHERE until = 0`,
			`CREATE INDEX place_address ON place (address) WHERE address <> ''`,
			`CREATE INDEX place_device ON place (device)`,

			`CREATE TABLE port (
				device TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
				port TEXT NOT NULL,
				alias TEXT NOT NULL,
				alias_fold TEXT NOT NULL,
				mac TEXT NOT NULL,
				PRIMARY KEY (device, port)
			) STRICT, WITHOUT ROWID`,
			`CREATE INDEX port_mac ON port (mac) WHERE mac <> ''`,

			`CREATE TABLE candidate (
				id TEXT PRIMARY KEY,
				identity TEXT NOT NULL UNIQUE,
				name TEXT NOT NULL,
				chassis_id TEXT NOT NULL,
				what TEXT NOT NULL,
				addresses TEXT NOT NULL,
				state TEXT NOT NULL,
				decided INTEGER NOT NULL DEFAULT 0,
				decided_by TEXT NOT NULL DEFAULT '',
				run TEXT NOT NULL DEFAULT '',
				first_seen INTEGER NOT NULL,
				last_seen INTEGER NOT NULL
			) STRICT`,
			`ALTER TABLE unresolved ADD COLUMN candidate TEXT NOT NULL DEFAULT ''`,
			`ALTER TABLE unresolved ADD COLUMN addresses TEXT NOT NULL DEFAULT ''`,
			`ALTER TABLE unresolved ADD COLUMN what TEXT NOT NULL DEFAULT ''`,
			`ALTER TABLE unresolved ADD COLUMN since INTEGER NOT NULL DEFAULT 0`,
			`CREATE INDEX unresolved_candidate ON unresolved (candidate)`,
		),
	}
}
