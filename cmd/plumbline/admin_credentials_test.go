package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestImportedCredentialsAreListedWithoutTheirSecrets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if code, _, errs := runCommand(t, "", "discover", "127.94.7.1", "--save", "--data", dir, "--retries", "0", "--timeout", "50ms"); code > 1 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	file := filepath.Join(t.TempDir(), "credentials.yaml")
	text := "credentials:\n  - name: lab\n    scope: [192.0.2.0/24]\n    snmp: {version: 2c, community: canary-one}\n    ssh: {user: netops, password: canary-two}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := runCommand(t, "", "admin", "credentials", "import", file, "--data", dir); code != 0 {
		t.Fatalf("import: exit %d: %s", code, errs)
	}
	code, out, errs := runCommand(t, "", "admin", "credentials", "list", "--data", dir)
	if code != 0 || !strings.Contains(out, "lab") || !strings.Contains(out, "192.0.2.0/24") || strings.Contains(out+errs, "canary") {
		t.Errorf("list: exit %d, %q, %q", code, out, errs)
	}
	if code, _, _ := runCommand(t, "", "admin", "credentials", "delete", "lab", "--data", dir); code != 0 {
		t.Errorf("delete: exit %d", code)
	}
	if _, out, _ := runCommand(t, "", "admin", "credentials", "list", "--data", dir); strings.Contains(out, "lab") {
		t.Errorf("deleted, and still listed: %q", out)
	}
	if code, _, _ := runCommand(t, "", "admin", "credentials", "delete", "lab", "--data", dir); code != 1 {
		t.Errorf("deleting what is not there: exit %d, want 1", code)
	}
}
