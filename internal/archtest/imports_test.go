package archtest

import (
	"slices"
	"strings"
	"testing"
)

func TestNetdevImportsTheStandardLibraryOnly(t *testing.T) {
	_, files := sources(t)
	for _, f := range files {
		if f.dir != "netdev" || f.test {
			continue
		}
		for _, im := range f.imports {
			if !standard(im) {
				t.Errorf("%s imports %s", f.path, im)
			}
		}
	}
}

func TestTheTwoCorridorsDoNotKnowEachOther(t *testing.T) {
	_, files := sources(t)
	for _, f := range files {
		for _, im := range f.imports {
			pkg, ok := ours(im)
			if ok && within(f.dir, "discovery") && within(pkg, "configstore") || ok && within(f.dir, "configstore") && within(pkg, "discovery") {
				t.Errorf("%s imports %s: they meet in netdev.Device", f.path, im)
			}
		}
	}
}

// siblings lists what a stage may read of its siblings.
var siblings = map[string][]string{
	"configstore/diff":       {"configstore/tree"},
	"configstore/remedy":     {"configstore/tree", "configstore/diff"},
	"configstore/drift":      {"configstore/tree", "configstore/diff"},
	"configstore/compliance": {"configstore/tree"},
}

func TestStagesDoNotImportTheirSiblings(t *testing.T) {
	_, files := sources(t)
	for _, f := range files {
		corridor, _, ok := strings.Cut(f.dir, "/")
		if !ok || f.test || corridor != "discovery" && corridor != "configstore" {
			continue
		}
		for _, im := range f.imports {
			pkg, mine := ours(im)
			if !mine || !within(pkg, corridor) || within(pkg, f.dir) {
				continue
			}
			if !slices.Contains(siblings[f.dir], pkg) {
				t.Errorf("%s imports %s: a stage meets its siblings in the corridor", f.path, im)
			}
		}
	}
}

// doors lists the one package that may import a library, and who else may
// because it is a witness: the simulator, and tests.
var doors = map[string]string{
	"github.com/gosnmp/gosnmp":             "netdev/snmp",
	"github.com/scrapli/scrapligo":         "netdev/cli",
	"golang.org/x/crypto/ssh":              "netdev/cli",
	"github.com/google/gopacket":           "discovery/capture",
	"github.com/labstack/echo":             "web",
	"github.com/danielgtaylor/huma":        "web",
	"gorm.io/gorm":                         "internal/db",
	"github.com/go-gormigrate":             "internal/db",
	"modernc.org/sqlite":                   "internal/db",
	"github.com/nats-io":                   "internal/jobs",
	"github.com/go-git":                    "internal/mirror",
	"github.com/robfig/cron":               "internal/jobs/schedule",
	"github.com/goccy/go-yaml":             "",
	"github.com/spf13/cobra":               "cmd/plumbline",
	"golang.org/x/crypto/argon2":           "internal/auth",
	"golang.org/x/crypto/chacha20poly1305": "internal/vault",
}

var witnesses = []string{"github.com/gosnmp/gosnmp", "github.com/google/gopacket", "golang.org/x/crypto/ssh"}

func TestEveryLibraryHasOneDoor(t *testing.T) {
	_, files := sources(t)
	for _, f := range files {
		for _, im := range f.imports {
			for lib, door := range doors {
				if !within(im, lib) || door == "" || within(f.dir, door) {
					continue
				}
				if f.test && slices.Contains(witnesses, lib) || f.dir == "internal/sim" && slices.Contains(witnesses, lib) {
					continue
				}
				t.Errorf("%s imports %s: its door is %s", f.path, im, door)
			}
		}
	}
}

func TestTheSimulatorIsAnIndependentWitness(t *testing.T) {
	_, files := sources(t)
	for _, f := range files {
		if !within(f.dir, "internal/sim") {
			continue
		}
		for _, im := range f.imports {
			if pkg, ok := ours(im); ok && pkg != "netdev" && !within(pkg, "internal/sim") && (!f.test || pkg != "internal/testkit") {
				t.Errorf("%s imports %s: the simulator knows netdev only", f.path, im)
			}
		}
	}
}

// pure lists the deciding stages: no socket, clock, database or goroutine.
var pure = []string{"discovery/identify", "discovery/topology", "configstore/scrub", "configstore/tree", "configstore/diff",
	"configstore/remedy", "configstore/drift", "configstore/compliance", "configstore/search"}

func TestDecidingStagesTouchNothing(t *testing.T) {
	banned := []string{"net", "net/http", "os", "os/exec", "database/sql", "io/ioutil", "math/rand", "math/rand/v2", "crypto/rand", "log", "log/slog", "syscall"}
	_, files := sources(t)
	for _, f := range files {
		if f.test || !slices.ContainsFunc(pure, func(p string) bool { return within(f.dir, p) }) {
			continue
		}
		for _, im := range f.imports {
			if slices.Contains(banned, im) {
				t.Errorf("%s imports %s: a deciding stage takes values and returns values", f.path, im)
			}
		}
	}
}

func TestNothingOfInternalReachesTheDomains(t *testing.T) {
	_, files := sources(t)
	for _, f := range files {
		if f.test || !(within(f.dir, "netdev") || within(f.dir, "discovery") || within(f.dir, "configstore")) {
			continue
		}
		for _, im := range f.imports {
			if pkg, ok := ours(im); ok && (within(pkg, "internal") || within(pkg, "web") || within(pkg, "cmd")) {
				t.Errorf("%s imports %s: storage and carriers implement what the domain declares", f.path, im)
			}
		}
	}
}
