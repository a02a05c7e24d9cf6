package db

import "github.com/go-gormigrate/gormigrate/v2"

// stepsOfNotices make the outbox of notices and the webhook they go to.
func stepsOfNotices() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0014-notices",
			// One row at most. Address and secret are sealed.
			`CREATE TABLE webhook (
				id INTEGER PRIMARY KEY CHECK (id = 1),
				url BLOB NOT NULL,
				secret BLOB NOT NULL,
				host TEXT NOT NULL,
				events TEXT NOT NULL,
				plain INTEGER NOT NULL,
				disabled INTEGER NOT NULL,
				why TEXT NOT NULL,
				changed INTEGER NOT NULL,
				changed_by TEXT NOT NULL
			) STRICT`,

			// What happened and is to be told; told rows stay for their keys.
			`CREATE TABLE notice_event (
				id TEXT PRIMARY KEY,
				key TEXT NOT NULL UNIQUE,
				kind TEXT NOT NULL,
				batch TEXT NOT NULL,
				device TEXT NOT NULL,
				site TEXT NOT NULL,
				reason TEXT NOT NULL,
				detail TEXT NOT NULL,
				at INTEGER NOT NULL,
				told INTEGER NOT NULL
			) STRICT`,
			`CREATE INDEX notice_event_pending ON notice_event (batch, id) WHERE told = 0`,

			`CREATE TABLE notice (
				id TEXT PRIMARY KEY,
				kind TEXT NOT NULL,
				batch TEXT NOT NULL,
				body BLOB NOT NULL,
				created INTEGER NOT NULL,
				state TEXT NOT NULL,
				tries INTEGER NOT NULL,
				due INTEGER NOT NULL,
				last TEXT NOT NULL,
				ended INTEGER NOT NULL
			) STRICT`,
			`CREATE INDEX notice_due ON notice (due) WHERE state = 'waiting'`,
		),
	}
}
