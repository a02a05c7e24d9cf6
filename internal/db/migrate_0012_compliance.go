package db

import "github.com/go-gormigrate/gormigrate/v2"

// stepsOfCompliance make waivers, and what counters of verdicts group by.
func stepsOfCompliance() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0012-compliance",
			`ALTER TABLE verdict ADD COLUMN pack TEXT NOT NULL DEFAULT ''`,
			`CREATE INDEX verdict_pack ON verdict (device, pack, verdict)`,

			`CREATE TABLE judged_by (
				device TEXT PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
				rules TEXT NOT NULL
			) STRICT`,

			`CREATE TABLE waiver (
				id TEXT PRIMARY KEY,
				rule TEXT NOT NULL,
				device TEXT NOT NULL,
				reason TEXT NOT NULL,
				requester TEXT NOT NULL,
				approver TEXT NOT NULL,
				ticket TEXT NOT NULL,
				created INTEGER NOT NULL,
				expires INTEGER NOT NULL,
				revoked INTEGER NOT NULL DEFAULT 0,
				revoked_by TEXT NOT NULL DEFAULT ''
			) STRICT`,
			`CREATE INDEX waiver_rule ON waiver (rule)`,
		),
	}
}
