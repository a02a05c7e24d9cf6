package db

import (
	"slices"

	"github.com/go-gormigrate/gormigrate/v2"
)

// stepsOfConfigurations make what configstore keeps.
func stepsOfConfigurations() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0002-configurations", slices.Concat(tablesOfRevisions(), tablesOfAttempts(), tablesOfJudgements())...),
	}
}

func tablesOfRevisions() []string {
	return []string{
		// sum is the sealed SHA-256 of the text as the device sent it: a plain
		// one would let a thief of the file test guesses of its secrets.
		`CREATE TABLE revision (
			id TEXT PRIMARY KEY,
			device TEXT NOT NULL REFERENCES device (id),
			source TEXT NOT NULL,
			seq INTEGER NOT NULL,
			first_seen INTEGER NOT NULL,
			last_seen INTEGER NOT NULL,
			text_hash TEXT NOT NULL,
			sum BLOB NOT NULL,
			bytes INTEGER NOT NULL,
			lines INTEGER NOT NULL,
			unknown_lines INTEGER NOT NULL,
			added INTEGER NOT NULL,
			removed INTEGER NOT NULL,
			book_version TEXT NOT NULL,
			flags TEXT NOT NULL,
			changed_by TEXT NOT NULL,
			changed_at TEXT NOT NULL,
			prev_hash TEXT NOT NULL
		) STRICT`,
		`CREATE UNIQUE INDEX revision_seq ON revision (device, source, seq)`,
		`CREATE INDEX revision_first_seen ON revision (first_seen)`,

		`CREATE TABLE head (
			device TEXT NOT NULL,
			source TEXT NOT NULL,
			revision TEXT NOT NULL REFERENCES revision (id),
			seq INTEGER NOT NULL,
			link TEXT NOT NULL,
			confirmed_at INTEGER NOT NULL,
			PRIMARY KEY (device, source)
		) STRICT, WITHOUT ROWID`,

		`CREATE TABLE blob (
			revision TEXT NOT NULL REFERENCES revision (id),
			class TEXT NOT NULL,
			kind TEXT NOT NULL,
			base TEXT NOT NULL,
			tail INTEGER NOT NULL,
			size INTEGER NOT NULL,
			body BLOB NOT NULL,
			PRIMARY KEY (revision, class)
		) STRICT`,
	}
}

func tablesOfAttempts() []string {
	return []string{
		`CREATE TABLE attempt (
			id TEXT PRIMARY KEY,
			device TEXT NOT NULL REFERENCES device (id),
			source TEXT NOT NULL,
			job TEXT NOT NULL,
			try INTEGER NOT NULL,
			started INTEGER NOT NULL,
			ended INTEGER NOT NULL,
			outcome TEXT NOT NULL,
			reason TEXT NOT NULL,
			detail TEXT NOT NULL,
			bytes INTEGER NOT NULL,
			revision TEXT NOT NULL,
			credential TEXT NOT NULL,
			host_key TEXT NOT NULL,
			flags TEXT NOT NULL,
			checks INTEGER NOT NULL
		) STRICT, WITHOUT ROWID`,
		`CREATE INDEX attempt_device ON attempt (device, ended)`,

		`CREATE TABLE quarantine (
			attempt TEXT PRIMARY KEY REFERENCES attempt (id) ON DELETE CASCADE,
			device TEXT NOT NULL REFERENCES device (id),
			rule TEXT NOT NULL,
			size INTEGER NOT NULL,
			at INTEGER NOT NULL,
			expires INTEGER NOT NULL,
			body BLOB NOT NULL
		) STRICT`,
		`CREATE INDEX quarantine_device ON quarantine (device, at)`,
	}
}

func tablesOfJudgements() []string {
	return []string{
		`CREATE TABLE verdict (
			device TEXT NOT NULL REFERENCES device (id),
			rule TEXT NOT NULL,
			verdict TEXT NOT NULL,
			since INTEGER NOT NULL,
			judged INTEGER NOT NULL,
			revision TEXT NOT NULL,
			body TEXT NOT NULL,
			PRIMARY KEY (device, rule)
		) STRICT`,
		`CREATE INDEX verdict_rule ON verdict (rule, verdict)`,

		`CREATE TABLE finding (
			device TEXT NOT NULL REFERENCES device (id),
			source TEXT NOT NULL,
			kind TEXT NOT NULL,
			key TEXT NOT NULL,
			state TEXT NOT NULL,
			since INTEGER NOT NULL,
			seen INTEGER NOT NULL,
			ended INTEGER NOT NULL,
			reference TEXT NOT NULL,
			revision TEXT NOT NULL,
			returns INTEGER NOT NULL,
			change TEXT NOT NULL,
			PRIMARY KEY (device, source, kind, key)
		) STRICT`,
		`CREATE INDEX finding_state ON finding (state, kind)`,
	}
}
