package discovery

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/discovery/identify"
	"github.com/plumbline-net/plumbline/discovery/topology"
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

// RecordedNetwork reads every device of a directory: <device>.snmprec, with
// <device>@<context>.snmprec beside it or alone. A file that cannot be read is
// an error beside the others' answers.
func RecordedNetwork(ctx context.Context, dir string, set *platform.Set) ([]topology.Observation, []error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, []error{fmt.Errorf("topology: %w", err)}
	}
	var names []string
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".snmprec")
		if !ok || e.IsDir() {
			continue
		}
		name, _, _ = strings.Cut(name, "@")
		names = append(names, name)
	}
	slices.Sort(names)
	var out []topology.Observation
	var found []Found
	var errs []error
	for _, name := range slices.Compact(names) {
		f, id, err := Recorded(ctx, filepath.Join(dir, name+".snmprec"), set)
		if err != nil {
			errs = append(errs, fmt.Errorf("topology: %w", err))
			continue
		}
		o := topology.Observation{ID: netdev.DeviceID(name), Name: id.Name, Kind: id.Kind, Facts: f}
		if o.Name == "" {
			o.Name = name
		}
		out = append(out, o)
		found = append(found, Found{Facts: f, Identity: id})
	}
	return append(out, accessPoints(found, nil)...), errs
}
