package db

import "github.com/go-gormigrate/gormigrate/v2"

// stepsOfWords keeps what a person says of a device apart from what discovery
// finds, so that neither is lost when the other changes.
func stepsOfWords() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0006_device_said",
			`ALTER TABLE device ADD COLUMN platform_said TEXT NOT NULL DEFAULT ''`,
			`ALTER TABLE device ADD COLUMN kind_said TEXT NOT NULL DEFAULT ''`,
		),
	}
}
