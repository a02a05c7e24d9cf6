package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/testkit"
)

// binary gives the program that is tried: $PLUMBLINE_BIN, else the one that
// make built.
func binary(t *testing.T) string {
	t.Helper()
	path := os.Getenv("PLUMBLINE_BIN")
	if path == "" {
		path = filepath.Join(testkit.Root(t), "bin", "plumbline")
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("build it first, with: make build: %v", err)
	}
	return path
}

// answer is how one run of the program ended.
type answer struct {
	out, err string
	code     int
}

// plumbline runs the program at the desk.
func (n *network) plumbline(t *testing.T, args ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := n.nodes["desk"].command(ctx, append([]string{binary(t)}, args...)...)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	a := answer{out: out.String(), err: complaint.String()}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		a.code = exit.ExitCode()
	} else if err != nil {
		t.Fatalf("plumbline %s: %v", strings.Join(args, " "), err)
	}
	return a
}

// does is plumbline where anything but success ends the test.
func (n *network) does(t *testing.T, args ...string) string {
	t.Helper()
	a := n.plumbline(t, args...)
	if a.code != 0 {
		t.Fatalf("plumbline %s: exit %d\n%s%s", strings.Join(args, " "), a.code, a.out, a.err)
	}
	return a.out
}

// read parses a JSON document that the program printed.
func read[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return v
}

// credentials writes the file that an operator of this network would have, each
// secret inside the scope where it belongs.
func (n *network) credentials(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "credentials.yaml")
	text := fmt.Sprintf(`credentials:
  - name: secure agents
    scope: [%[1]s, %[2]s]
    snmp: {version: 3, user: %[5]s, auth: sha256, auth_password: %[6]s, priv: aes128, priv_password: %[7]s}
  - name: plain agents
    scope: [%[3]s, %[4]s]
    snmp: {version: 2c, community: %[8]s}
  - name: routers
    scope: [%[1]s, %[2]s, %[3]s]
    ssh: {user: netops, password: %[9]s}
`, addresses["r1"], addresses["r2"], addresses["r3"], addresses["sw1"], n.user.User, n.user.Auth, n.user.Priv, n.community, n.password)
	writeFile(t, path, text)
	return path
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
