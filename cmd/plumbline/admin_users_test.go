package main

import (
	"encoding/json"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
)

// appliance is an empty data directory that a server has open.
func appliance(t *testing.T) (string, *app.Data) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	d, err := app.OpenData(t.Context(), app.DataOptions{Dir: dir, Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return dir, d
}

func TestATokenIsPrintedAloneAndOpensTheServer(t *testing.T) {
	dir, d := appliance(t)
	out, code, err := ask(t, "admin", "token", "--data", dir, "--user", "ci", "--role", "operator", "--for", "1h")
	if code != 0 {
		t.Fatalf("exit %d: %v", code, err)
	}
	token, rest, _ := strings.Cut(out, "\n")
	if !strings.HasPrefix(token, "plb_") || rest != "" {
		t.Errorf("printed %q, want the token alone", out)
	}
	p, err := auth.New(d.DB, auth.Options{}).Authenticate(t.Context(), token)
	if err != nil || p.User != "ci" || p.Role != auth.Operator {
		t.Errorf("Authenticate = %+v, %v", p, err)
	}
	rep, err := audit.New(d.DB, d.Vault.AuditKey(), audit.Options{}).Verify(t.Context())
	if err != nil || !rep.OK() || rep.Records != 1 {
		t.Errorf("audit %+v, %v: want the one record of the token", rep, err)
	}
}

func TestAdminRefusesWhatIsNotToBeHad(t *testing.T) {
	dir, _ := appliance(t)
	if _, code, err := ask(t, "admin", "token", "--data", dir, "--user", "v", "--role", "viewer"); code != 0 {
		t.Fatal(err)
	}
	tests := map[string][]string{
		"no-user":        {"admin", "token", "--data", dir, "--role", "viewer"},
		"no-role":        {"admin", "token", "--data", dir, "--user", "x"},
		"unknown-role":   {"admin", "token", "--data", dir, "--user", "x", "--role", "god"},
		"more-than-user": {"admin", "token", "--data", dir, "--user", "v", "--role", "admin"},
		"too-long":       {"admin", "token", "--data", dir, "--user", "x", "--role", "viewer", "--for", "9000h"},
		"bad-name":       {"admin", "token", "--data", dir, "--user", "a b", "--role", "viewer"},
		"no-data":        {"admin", "token", "--data", filepath.Join(dir, "no"), "--user", "x", "--role", "viewer"},
		"argument":       {"admin", "users", "--data", dir, "x"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			out, code, err := ask(t, args...)
			if code != 2 || out != "" || err == nil {
				t.Errorf("exit %d, printed %q, %v; want exit 2 and nothing", code, out, err)
			}
		})
	}
	out, code, err := ask(t, "admin", "users", "--data", dir, "--json")
	var list []listedUser
	if jerr := json.Unmarshal([]byte(out), &list); jerr != nil || code != 0 || len(list) != 1 || list[0].Name != "v" || list[0].Tokens != 1 || list[0].Login {
		t.Errorf("users = %q, exit %d, %v: want v alone, nothing of the refused ones", out, code, err)
	}
}

func TestANewSetupLinkWorksUntilThereIsAnAdministrator(t *testing.T) {
	dir, d := appliance(t)
	out, code, err := ask(t, "admin", "setup-link", "--data", dir, "--url", "http://127.0.0.1:9/")
	u, perr := url.Parse(strings.TrimSpace(out))
	if code != 0 || perr != nil || u.Path != "/setup" || u.Host != "127.0.0.1:9" {
		t.Fatalf("printed %q, exit %d, %v", out, code, err)
	}
	s := auth.New(d.DB, auth.Options{})
	if _, _, err := s.Setup(t.Context(), u.Query().Get("token"), "root", "violet kettle orbit 9", auth.Origin{}); err != nil {
		t.Errorf("Setup with the token of the link: %v", err)
	}
	if out, code, _ := ask(t, "admin", "setup-link", "--data", dir); code != 1 || out != "" {
		t.Errorf("printed %q, exit %d; want exit 1: the set-up is done", out, code)
	}
}

func TestVerifyReadsTheAuditChainToo(t *testing.T) {
	dir, d := appliance(t)
	if _, code, err := ask(t, "admin", "token", "--data", dir, "--user", "ci", "--role", "viewer"); code != 0 {
		t.Fatal(err)
	}
	if out, code, err := ask(t, "admin", "verify", "--data", dir, "--json"); code != 0 || !strings.Contains(out, `"audit_records": 1`) {
		t.Errorf("a whole chain: exit %d, %v, %s", code, err, out)
	}
	if err := d.DB.SaveAuditHead(t.Context(), audit.Head{Seq: 2, MAC: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	if out, code, _ := ask(t, "admin", "verify", "--data", dir); code != 1 || !strings.Contains(out, "audit: records 2 to 2 are gone") {
		t.Errorf("a cut chain: exit %d, %s", code, out)
	}
}
