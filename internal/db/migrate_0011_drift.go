package db

import "github.com/go-gormigrate/gormigrate/v2"

// stepsOfDrift make what was approved, what people said of findings and the
// history of findings. Nothing of it is ever changed or removed but with its
// device: it says who answered for what.
func stepsOfDrift() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0011-drift",
			`ALTER TABLE finding ADD COLUMN acked_by TEXT NOT NULL DEFAULT ''`,
			`ALTER TABLE finding ADD COLUMN note TEXT NOT NULL DEFAULT ''`,
			`ALTER TABLE finding ADD COLUMN until INTEGER NOT NULL DEFAULT 0`,
			// The same for revisions that changed the same things.
			`ALTER TABLE revision ADD COLUMN change_key TEXT NOT NULL DEFAULT ''`,

			`CREATE TABLE finding_edge (
				id INTEGER PRIMARY KEY,
				device TEXT NOT NULL REFERENCES device (id),
				source TEXT NOT NULL,
				kind TEXT NOT NULL,
				key TEXT NOT NULL,
				grp TEXT NOT NULL,
				from_state TEXT NOT NULL,
				to_state TEXT NOT NULL,
				at INTEGER NOT NULL,
				actor TEXT NOT NULL,
				why TEXT NOT NULL,
				note TEXT NOT NULL,
				until INTEGER NOT NULL,
				reference TEXT NOT NULL,
				revision TEXT NOT NULL
			) STRICT`,
			`CREATE INDEX finding_edge_group ON finding_edge (grp)`,
			`CREATE INDEX finding_edge_device ON finding_edge (device)`,

			// The reference to revision keeps an approved text from being removed.
			`CREATE TABLE approval (
				id INTEGER PRIMARY KEY,
				device TEXT NOT NULL REFERENCES device (id),
				source TEXT NOT NULL,
				revision TEXT NOT NULL REFERENCES revision (id),
				actor TEXT NOT NULL,
				at INTEGER NOT NULL,
				comment TEXT NOT NULL
			) STRICT`,
			`CREATE INDEX approval_device ON approval (device, source)`,
			`CREATE INDEX approval_revision ON approval (revision)`,
			`CREATE TRIGGER approval_no_update BEFORE UPDATE ON approval BEGIN SELECT RAISE(ABORT, 'approvals are not changed'); END`,
		),
	}
}
