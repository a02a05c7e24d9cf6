package db_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/testkit/storetest"
	"github.com/plumbline-net/plumbline/netdev"
)

// accessSwitch is a text of 24 KB: 48 ports, 330 lines of an access list with
// random addresses.
func accessSwitch(rnd *rand.Rand, name string) []string {
	lines := []string{"hostname " + name}
	for i := range 48 {
		lines = append(lines, fmt.Sprintf("interface GigabitEthernet1/0/%d", i+1), " description "+name+" desk "+fmt.Sprint(rnd.IntN(10000)),
			fmt.Sprintf(" switchport access vlan %d", 10*rnd.IntN(40)), " switchport mode access", " spanning-tree portfast")
	}
	for range 330 {
		lines = append(lines, fmt.Sprintf("access-list 101 permit ip host 10.%d.%d.%d any", rnd.IntN(256), rnd.IntN(256), rnd.IntN(256)))
	}
	return lines
}

// edit changes one line of a hundred.
func edit(rnd *rand.Rand, lines []string) {
	for range max(1, len(lines)/100) {
		lines[rnd.IntN(len(lines))] = fmt.Sprintf("access-list 101 deny ip host 10.%d.%d.%d any", rnd.IntN(256), rnd.IntN(256), rnd.IntN(256))
	}
}

func capture(dev netdev.DeviceID, lines []string, night int) configstore.Capture {
	text := strings.Join(lines, "\n") + "\n"
	raw := fmt.Sprintf("Building configuration...\n\nCurrent configuration : %d bytes\n! Last change at night %d\n%sntp clock-period %d\nend\n", len(text), night, text, 17179869+night)
	return configstore.Capture{Device: dev, Source: configstore.Running, Raw: []byte(raw), Text: []byte(text)}
}

type bench struct {
	dir   string
	d     *db.DB
	s     *configstore.Store
	rnd   *rand.Rand
	devs  []netdev.DeviceID
	texts [][]string
	night time.Time
}

func newBench(b testing.TB, devices int) *bench {
	b.Helper()
	x := &bench{dir: b.TempDir(), rnd: rand.New(rand.NewPCG(1000, 365)), night: time.Date(2026, 1, 1, 1, 0, 0, 0, time.UTC)}
	x.d = open(b, x.dir)
	var err error
	if x.s, err = configstore.New(x.d, storetest.Keys{}, configstore.Options{Now: func() time.Time { return x.night }}); err != nil {
		b.Fatal(err)
	}
	for i := range devices {
		x.devs = append(x.devs, addDevice(b, x.d, fmt.Sprintf("acc-%04d", i)))
		x.texts = append(x.texts, accessSwitch(x.rnd, fmt.Sprintf("acc-%04d", i)))
	}
	return x
}

// nights keeps n nights in which share of the devices change.
func (x *bench) nights(b testing.TB, n int, share float64) (changed int) {
	b.Helper()
	for night := range n {
		x.night = x.night.AddDate(0, 0, 1)
		err := x.s.InTx(b.Context(), func(ctx context.Context) error {
			for i, dev := range x.devs {
				if x.rnd.Float64() < share {
					edit(x.rnd, x.texts[i])
				}
				st, err := x.s.Put(ctx, capture(dev, x.texts[i], night), configstore.Fence{})
				if err != nil {
					return err
				}
				if st.Outcome == configstore.Changed {
					changed++
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return changed
}

func BenchmarkHistory(b *testing.B) {
	x := newBench(b, 1)
	x.nights(b, 400, 1)
	for b.Loop() {
		revs, err := x.s.History(b.Context(), x.devs[0], configstore.Running)
		if err != nil || len(revs) != 400 {
			b.Fatal(len(revs), err)
		}
	}
}

func BenchmarkOldRevision(b *testing.B) {
	x := newBench(b, 1)
	x.nights(b, 66, 1)
	revs, err := x.s.History(b.Context(), x.devs[0], configstore.Running)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() { // the far end of the longest chain
		if _, err := x.s.Text(b.Context(), revs[len(revs)-2].ID); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	for name, share := range map[string]float64{"changed": 1, "unchanged": 0} {
		b.Run(name, func(b *testing.B) {
			x := newBench(b, 1)
			x.nights(b, 1, 1)
			for b.Loop() {
				x.nights(b, 1, share)
			}
		})
	}
}

// BenchmarkStoreYear keeps a year of nights of 100 devices of which 5 % change a
// night, and tells what a revision costs on disk.
func BenchmarkStoreYear(b *testing.B) {
	for b.Loop() {
		x := newBench(b, 100)
		begun := time.Now()
		changed := x.nights(b, 365, 0.05)
		spent := time.Since(begun)
		stats, err := x.s.Stats(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if err := x.d.Close(); err != nil {
			b.Fatal(err)
		}
		fi, err := os.Stat(filepath.Join(x.dir, db.FileName))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(changed), "revisions")
		b.ReportMetric(float64(fi.Size())/1e6, "MB")
		b.ReportMetric(float64(stats.StoredBytes)/1e6, "content-MB")
		b.ReportMetric(float64(stats.RawBytes)/1e6, "raw-MB")
		b.ReportMetric(float64(stats.StoredBytes)/float64(changed), "content-B/revision")
		b.ReportMetric(float64(spent.Milliseconds())/float64(365*100), "ms/put")
	}
}
