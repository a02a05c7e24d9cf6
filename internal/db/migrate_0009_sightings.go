package db

import "github.com/go-gormigrate/gormigrate/v2"

// stepsOfSightings make what captures heard on the wire.
func stepsOfSightings() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0009-sightings",
			`CREATE TABLE sighting (
				id INTEGER PRIMARY KEY,
				near_device TEXT NOT NULL,
				near_port TEXT NOT NULL,
				via TEXT NOT NULL,
				protocol TEXT NOT NULL,
				source_mac TEXT NOT NULL,
				vlan INTEGER NOT NULL,
				announces INTEGER NOT NULL,
				says TEXT NOT NULL,
				facts TEXT NOT NULL,
				hold INTEGER NOT NULL,
				gone INTEGER NOT NULL,
				frames INTEGER NOT NULL,
				first_seen INTEGER NOT NULL,
				last_seen INTEGER NOT NULL,
				far_device TEXT NOT NULL DEFAULT '',
				far_port TEXT NOT NULL DEFAULT '',
				far_mac TEXT NOT NULL DEFAULT '',
				port_sure INTEGER NOT NULL DEFAULT 0,
				because TEXT NOT NULL DEFAULT ''
			) STRICT`,
			`CREATE INDEX sighting_place ON sighting (near_device, near_port)`,
			`ALTER TABLE unresolved ADD COLUMN heard INTEGER NOT NULL DEFAULT 0`,
		),
	}
}
