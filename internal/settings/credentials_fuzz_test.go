package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/internal/settings"
)

func FuzzReadCredentials(f *testing.F) {
	f.Add("credentials:\n  - name: a\n    scope: [192.0.2.0/24]\n    ssh: {user: u, password: p}\n")
	f.Add("credentials:\n  - name: b\n    scope: [2001:db8::/64]\n    snmp: {version: 3, user: u, auth: sha256, auth_password: 12345678, priv: aes128, priv_password: 12345678}\n")
	f.Add("credentials: [*x]\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "credentials.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := settings.ReadCredentials(path)
		if err == nil && len(list) == 0 {
			t.Error("no credential and no error")
		}
		for _, c := range list {
			if c.Name == "" || len(c.Scope) == 0 || c.SSH == nil && c.SNMP == nil {
				t.Errorf("accepted a credential without a name, a scope or a use: %q, %v", c.Name, c.Scope)
			}
		}
	})
}

func TestAnErrorAboutACredentialsFileQuotesNoSecret(t *testing.T) {
	const secret = "Wren-Kettle-41"
	one := func(rest string) string { return "credentials:\n  - name: a\n    scope: [192.0.2.0/24]\n" + rest }
	tests := map[string]string{
		"a-map-for-a-password":    one("    ssh: {user: u, password: {x: " + secret + "}}\n"),
		"a-list-for-a-password":   one("    ssh: {user: u, password: [" + secret + "]}\n"),
		"a-word-for-the-login":    one("    ssh: " + secret + "\n"),
		"a-word-for-snmp":         one("    snmp: " + secret + "\n"),
		"a-list-for-a-community":  one("    snmp: {version: 2c, community: [" + secret + "]}\n"),
		"no-indentation":          "credentials:\n  - name: a\n    ssh: {user: u,\npassword: " + secret + "\n",
		"a-quote-that-stays-open": one("    ssh: {user: u, password: \"" + secret + "}\n"),
		"an-unknown-key-after-it": one("    ssh: {user: u, password: " + secret + ", passwort: x}\n"),
		"a-word-for-all":          secret + "\n",
		"a-word-for-the-list":     "credentials: " + secret + "\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "credentials.yaml")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := settings.ReadCredentials(path)
			if err == nil {
				t.Fatal("accepted")
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
}
