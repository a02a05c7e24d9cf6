package db

import "github.com/go-gormigrate/gormigrate/v2"

// stepsOfHealth make what the appliance notes of itself: that it can write,
// when it last checked what it keeps, and how large it was on each day.
func stepsOfHealth() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0013-health",
			`CREATE TABLE pulse (
				id INTEGER PRIMARY KEY CHECK (id = 1),
				at INTEGER NOT NULL,
				ballast BLOB NOT NULL DEFAULT x''
			) STRICT`,
			`CREATE TABLE self_check (
				kind TEXT PRIMARY KEY,
				at INTEGER NOT NULL,
				seen INTEGER NOT NULL,
				faults INTEGER NOT NULL,
				detail TEXT NOT NULL
			) STRICT`,
			`CREATE TABLE size_day (
				day INTEGER PRIMARY KEY,
				bytes INTEGER NOT NULL
			) STRICT`,
		),
	}
}
