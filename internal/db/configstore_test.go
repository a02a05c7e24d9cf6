package db_test

import (
	"context"
	"testing"

	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/testkit/storetest"
	"github.com/plumbline-net/plumbline/netdev"
)

func place(t *testing.T, dir string) storetest.Place {
	d := open(t, dir)
	return storetest.Place{
		Rows: d,
		Device: func(ctx context.Context, name string) netdev.DeviceID {
			return addDevice(t, d, name)
		},
		Reopen: func() storetest.Place {
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			return place(t, dir)
		},
	}
}

func addDevice(t testing.TB, d *db.DB, name string) netdev.DeviceID {
	t.Helper()
	v, err := d.AddDevice(t.Context(), netdev.Device{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return v.ID
}

func TestConfigurationsAreKept(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Place { return place(t, t.TempDir()) })
}
