package db

import "github.com/go-gormigrate/gormigrate/v2"

// stepsOfManaged keep which devices a wireless controller manages in our place,
// and what it says of them. listed is when it listed one last, missing since
// when a complete list of it lacks one.
func stepsOfManaged() []*gormigrate.Migration {
	return []*gormigrate.Migration{
		step("0008-managed",
			`ALTER TABLE device ADD COLUMN controller TEXT NOT NULL DEFAULT ''`,
			`ALTER TABLE device ADD COLUMN ap_state TEXT NOT NULL DEFAULT ''`,
			`ALTER TABLE device ADD COLUMN ap_mac TEXT NOT NULL DEFAULT ''`,
			`ALTER TABLE device ADD COLUMN ap_location TEXT NOT NULL DEFAULT ''`,
			`ALTER TABLE device ADD COLUMN listed INTEGER NOT NULL DEFAULT 0`,
			`ALTER TABLE device ADD COLUMN missing INTEGER NOT NULL DEFAULT 0`,
			`CREATE INDEX device_controller ON device (controller) WHERE controller <> ''`,
		),
	}
}
