package db

import (
	"slices"

	"github.com/go-gormigrate/gormigrate/v2"
)

// stepsOfInventory make what discovery keeps. Times are nanoseconds since 1970
// in UTC, 0 for none; what is a list is JSON.
func stepsOfInventory() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0001-inventory", slices.Concat(tablesOfDevices(), tablesOfLinks(), tablesOfRuns())...),
	}
}

func tablesOfDevices() []string {
	return []string{
		`CREATE TABLE device (
			id TEXT PRIMARY KEY,
			name TEXT NOT NULL,
			name_fold TEXT NOT NULL,
			name_short TEXT NOT NULL,
			address TEXT NOT NULL,
			snmp_port INTEGER NOT NULL,
			ssh_port INTEGER NOT NULL,
			site TEXT NOT NULL,
			role TEXT NOT NULL,
			tags TEXT NOT NULL,
			vendor TEXT NOT NULL,
			platform TEXT NOT NULL,
			os TEXT NOT NULL,
			kind TEXT NOT NULL,
			model TEXT NOT NULL,
			version TEXT NOT NULL,
			serial TEXT NOT NULL,
			serial_key TEXT NOT NULL,
			engine_key TEXT NOT NULL,
			chassis_key TEXT NOT NULL,
			credential TEXT NOT NULL,
			first_seen INTEGER NOT NULL,
			last_seen INTEGER NOT NULL,
			fence INTEGER NOT NULL DEFAULT 0
		) STRICT`,
		`CREATE INDEX device_name_fold ON device (name_fold)`,
		`CREATE INDEX device_name_short ON device (name_short)`,
		`CREATE INDEX device_serial ON device (serial_key) WHERE serial_key <> ''`,
		`CREATE INDEX device_engine ON device (engine_key) WHERE engine_key <> ''`,
		`CREATE INDEX device_chassis ON device (chassis_key) WHERE chassis_key <> ''`,

		// An address belongs to one device at a time; the rows that ended say
		// whom it belonged to before.
		`CREATE TABLE device_address (
			address TEXT NOT NULL,
			device TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
			since INTEGER NOT NULL,
			until INTEGER NOT NULL DEFAULT 0,
			moved_to TEXT NOT NULL DEFAULT '',
			PRIMARY KEY (address, device, since)
		) STRICT, WITHOUT ROWID`,
		`CREATE UNIQUE INDEX device_address_now ON device_address (address) WHERE until = 0`,
		`CREATE INDEX device_address_device ON device_address (device)`,

		// The newest whole walk, and beside it the newest partial one.
		`CREATE TABLE facts (
			device TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
			whole INTEGER NOT NULL,
			taken INTEGER NOT NULL,
			body BLOB NOT NULL,
			PRIMARY KEY (device, whole)
		) STRICT`,
	}
}

func tablesOfLinks() []string {
	return []string{
		`CREATE TABLE link (
			key TEXT PRIMARY KEY,
			a_id TEXT NOT NULL, a_name TEXT NOT NULL, a_port TEXT NOT NULL, a_mac TEXT NOT NULL,
			b_id TEXT NOT NULL, b_name TEXT NOT NULL, b_port TEXT NOT NULL, b_mac TEXT NOT NULL,
			layer TEXT NOT NULL,
			evidence TEXT NOT NULL,
			confidence REAL NOT NULL,
			because TEXT NOT NULL,
			proof TEXT NOT NULL,
			witnesses TEXT NOT NULL,
			first_seen INTEGER NOT NULL,
			last_seen INTEGER NOT NULL
		) STRICT`,
		`CREATE INDEX link_a ON link (a_id)`,
		`CREATE INDEX link_b ON link (b_id)`,

		`CREATE TABLE unresolved (
			id INTEGER PRIMARY KEY,
			device TEXT NOT NULL,
			name TEXT NOT NULL,
			port TEXT NOT NULL,
			protocol TEXT NOT NULL,
			chassis_id TEXT NOT NULL,
			port_id TEXT NOT NULL,
			sys_name TEXT NOT NULL,
			reason TEXT NOT NULL,
			last_seen INTEGER NOT NULL
		) STRICT`,
		`CREATE INDEX unresolved_device ON unresolved (device)`,
	}
}

func tablesOfRuns() []string {
	return []string{
		`CREATE TABLE run (
			id TEXT PRIMARY KEY,
			state TEXT NOT NULL,
			started INTEGER NOT NULL,
			body TEXT NOT NULL
		) STRICT`,
		`CREATE INDEX run_started ON run (started)`,
	}
}
