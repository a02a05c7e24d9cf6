package db

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"
)

// ErrNewerSchema is returned for a database that a newer Plumbline wrote.
var ErrNewerSchema = errors.New("the database was written by a newer version")

const migrationTable = "schema_migration"

// steps lists what makes the schema, in the order it happened. Append only: a
// step that was released is never changed. Each part keeps its steps in files
// of its own and has one line here.
func steps() []*gormigrate.Migration {
	return slices.Concat(
		stepsOfInventory(),
		stepsOfConfigurations(),
		stepsOfVault(),
		stepsOfAccounts(),
		stepsOfJobs(),
		stepsOfWords(),
		stepsOfPlaces(),
		stepsOfManaged(),
		stepsOfSightings(),
		stepsOfSchedules(),
		stepsOfDrift(),
		stepsOfCompliance(),
		stepsOfHealth(),
		stepsOfNotices(),
		stepsOfSettings(),
	)
}

// step is a migration that runs statements one by one.
func step(id string, statements ...string) *gormigrate.Migration {
	return &gormigrate.Migration{ID: id, Migrate: func(tx *gorm.DB) error {
		for _, s := range statements {
			if err := tx.Exec(s).Error; err != nil {
				return fmt.Errorf("schema step %s: %w", id, err)
			}
		}
		return nil
	}}
}

// migrate moves the schema forward: all missing steps in one transaction, or
// none. A database that has every step is only read, so that a command line
// beside a busy server does not wait for its turn to write.
func (d *DB) migrate(ctx context.Context) error {
	all := steps()
	done, err := d.stepsDone(ctx)
	if err != nil {
		return err
	}
	known := make([]string, len(all))
	for i, m := range all {
		known[i] = m.ID
	}
	missing := slices.DeleteFunc(slices.Clone(known), func(id string) bool { return slices.Contains(done, id) })
	for _, id := range done {
		if !slices.Contains(known, id) {
			return fmt.Errorf("%w: it has schema step %s", ErrNewerSchema, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := d.conn(ctx).Exec("CREATE TABLE IF NOT EXISTS " + migrationTable + " (id TEXT PRIMARY KEY) STRICT").Error; err != nil {
		return err
	}
	err = gormigrate.New(d.conn(ctx), &gormigrate.Options{
		TableName: migrationTable, IDColumnName: "id", UseTransaction: true, ValidateUnknownMigrations: true,
	}, all).Migrate()
	if errors.Is(err, gormigrate.ErrUnknownPastMigration) {
		return ErrNewerSchema
	}
	if err != nil {
		return err
	}
	d.log.InfoContext(ctx, "database schema moved forward", "steps", len(missing), "to", missing[len(missing)-1])
	return nil
}

func (d *DB) stepsDone(ctx context.Context) ([]string, error) {
	var done []string
	if !d.conn(ctx).Migrator().HasTable(migrationTable) {
		return nil, d.pool.PingContext(ctx)
	}
	err := d.conn(ctx).Raw("SELECT id FROM " + migrationTable + " ORDER BY id").Scan(&done).Error
	return done, err
}
