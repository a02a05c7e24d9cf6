package discovery

import (
	"context"

	"github.com/plumbline-net/plumbline/discovery/identify"
	"github.com/plumbline-net/plumbline/discovery/walk"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// Recorded does with a recorded walk what a run does with a live agent: it
// reads the tables and decides what the device is. The error is that the file
// cannot be read.
func Recorded(ctx context.Context, path string, set *platform.Set) (netdev.Facts, netdev.Identity, error) {
	rec, err := snmp.OpenRecord(path)
	if err != nil {
		return netdev.Facts{}, netdev.Identity{}, err
	}
	f := walk.Collect(ctx, rec, set)
	return f, identify.Identify(f, set), nil
}
