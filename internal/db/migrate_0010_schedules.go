package db

import "github.com/go-gormigrate/gormigrate/v2"

// stepsOfSchedules make what is planned by the clock, what became of each
// planned time, and groups of jobs that are told together.
func stepsOfSchedules() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0010-schedules",
			`CREATE TABLE schedule (
				id TEXT PRIMARY KEY,
				name TEXT NOT NULL UNIQUE,
				what TEXT NOT NULL,
				choice TEXT NOT NULL,
				exclude TEXT NOT NULL,
				cron TEXT NOT NULL,
				zone TEXT NOT NULL,
				opens TEXT NOT NULL,
				closes TEXT NOT NULL,
				blackouts TEXT NOT NULL,
				ramp INTEGER NOT NULL,
				enabled INTEGER NOT NULL,
				changed_by TEXT NOT NULL,
				changed INTEGER NOT NULL,
				cursor INTEGER NOT NULL
			) STRICT`,
			// A planned time is dealt with once, whoever plans: two servers or
			// one that comes back after a crash.
			`CREATE TABLE firing (
				schedule TEXT NOT NULL REFERENCES schedule (id) ON DELETE CASCADE,
				planned INTEGER NOT NULL,
				outcome TEXT NOT NULL,
				batch TEXT NOT NULL,
				detail TEXT NOT NULL,
				at INTEGER NOT NULL,
				PRIMARY KEY (schedule, planned)
			) STRICT, WITHOUT ROWID`,
			`CREATE TABLE batch (
				id TEXT PRIMARY KEY,
				what TEXT NOT NULL,
				asked_by TEXT NOT NULL,
				schedule TEXT NOT NULL,
				title TEXT NOT NULL,
				planned INTEGER NOT NULL,
				until INTEGER NOT NULL,
				retry_of TEXT NOT NULL,
				created INTEGER NOT NULL
			) STRICT`,
			`CREATE INDEX batch_schedule ON batch (schedule, id) WHERE schedule <> ''`,
			`CREATE INDEX batch_retry ON batch (retry_of) WHERE retry_of <> ''`,
			`INSERT INTO batch SELECT batch, 'backup', min(planned_by), '', '', min(created), 0, '', min(created)
				FROM job WHERE batch <> '' GROUP BY batch`,
			`ALTER TABLE job ADD COLUMN not_after INTEGER NOT NULL DEFAULT 0`,
			`CREATE INDEX job_expiry ON job (not_after) WHERE not_after <> 0 AND state IN ('planned', 'queued')`,
			// Counts of a batch are read from the index alone.
			`DROP INDEX job_batch`,
			`CREATE INDEX job_batch ON job (batch, state, reason, started, ended) WHERE batch <> ''`,
			`ALTER TABLE credential_refused ADD COLUMN open INTEGER NOT NULL DEFAULT 0`,
			// The first schedule: an appliance that has devices already keeps
			// what it does until somebody turns this on.
			`INSERT INTO schedule (id, name, what, choice, exclude, cron, zone, opens, closes, blackouts, ramp, enabled, changed_by, changed, cursor)
				SELECT 'nightly', 'Nightly backup', 'backup', '', '', '0 2 * * *', 'UTC', '', '06:00', '', 1800000000000,
				NOT EXISTS (SELECT 1 FROM device), '', 0, 0`,
		),
	}
}
