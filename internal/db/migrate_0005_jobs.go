package db

import "github.com/go-gormigrate/gormigrate/v2"

// stepsOfJobs make what the planner keeps.
func stepsOfJobs() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0005-jobs",
			`CREATE TABLE job (
				id TEXT PRIMARY KEY,
				batch TEXT NOT NULL,
				kind TEXT NOT NULL,
				class TEXT NOT NULL,
				device TEXT NOT NULL,
				site TEXT NOT NULL,
				priority TEXT NOT NULL,
				planned_by TEXT NOT NULL,
				params BLOB NOT NULL,
				state TEXT NOT NULL,
				not_before INTEGER NOT NULL,
				attempt INTEGER NOT NULL,
				delivered INTEGER NOT NULL,
				fence INTEGER NOT NULL,
				worker TEXT NOT NULL,
				heartbeat INTEGER NOT NULL,
				reason TEXT NOT NULL,
				detail TEXT NOT NULL,
				created INTEGER NOT NULL,
				started INTEGER NOT NULL,
				ended INTEGER NOT NULL
			) STRICT`,
			// One CLI and one SNMP job a device is a fact of the database.
			`CREATE UNIQUE INDEX job_one_a_device ON job (device, class)
				WHERE device <> '' AND state IN ('planned', 'queued', 'running', 'cancelling')`,
			`CREATE INDEX job_due ON job (not_before) WHERE state = 'planned'`,
			`CREATE INDEX job_open ON job (state) WHERE state IN ('queued', 'running', 'cancelling')`,
			`CREATE INDEX job_batch ON job (batch) WHERE batch <> ''`,
			`CREATE INDEX job_device ON job (device, id)`,
			`CREATE TABLE job_try (
				job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
				attempt INTEGER NOT NULL,
				fence INTEGER NOT NULL,
				worker TEXT NOT NULL,
				started INTEGER NOT NULL,
				ended INTEGER NOT NULL,
				state TEXT NOT NULL,
				reason TEXT NOT NULL,
				detail TEXT NOT NULL,
				PRIMARY KEY (job, attempt)
			) STRICT, WITHOUT ROWID`,
		),
	}
}
