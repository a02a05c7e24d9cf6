package db

import "github.com/go-gormigrate/gormigrate/v2"

// stepsOfSettings make what people set on the pages of the settings: the order
// of credentials, and which prefix is which site.
func stepsOfSettings() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0015-settings",
			`ALTER TABLE credential ADD COLUMN rank INTEGER NOT NULL DEFAULT 0`,
			`CREATE TABLE site_prefix (
				prefix TEXT PRIMARY KEY,
				site TEXT NOT NULL
			) STRICT, WITHOUT ROWID`,
		),
	}
}
