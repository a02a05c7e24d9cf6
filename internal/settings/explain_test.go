package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEverySettingIsExplainedWithWhereItComesFrom(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	if err := os.WriteFile(path, []byte("login:\n  idle: 15m\nhosts: [a.example.net, b.example.net]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	s = s.Flag("listen", "--listen")
	s.Listen = "127.0.0.1:9"
	shown := s.Explain()
	if got, want := len(shown), len(values(Default())); got != want {
		t.Errorf("%d settings are explained, there are %d", got, want)
	}
	by := map[string]Shown{}
	for _, x := range shown {
		by[x.Key] = x
		if x.Text == "" || x.Value == "" || x.Default == "" || strings.Contains(x.Text, "#") {
			t.Errorf("%s: %+v", x.Key, x)
		}
	}
	for key, want := range map[string]Shown{
		"login.idle":    {Value: "15m", Default: "30m", From: path},
		"login.age":     {Value: "12h", Default: "12h"},
		"hosts":         {Value: "a.example.net, b.example.net", Default: "–", From: path},
		"listen":        {Value: "127.0.0.1:9", Default: "127.0.0.1:8080", From: "--listen"},
		"ports.ssh":     {Value: "22", Default: "22"},
		"jobs.per_site": {Value: "16", Default: "16"},
	} {
		got := by[key]
		if got.Value != want.Value || got.Default != want.Default || got.From != want.From {
			t.Errorf("%s: got %+v, want %+v", key, got, want)
		}
	}
	if by["jobs.workers"].Text != by["jobs.per_site"].Text {
		t.Errorf("one comment for two keys: %q and %q", by["jobs.workers"].Text, by["jobs.per_site"].Text)
	}
}

func TestAPasswordInADatabaseURLIsNotShown(t *testing.T) {
	s := Default()
	s.Database = "postgres://u:canary@db.example.net/p"
	for _, x := range s.Explain() {
		if strings.Contains(x.Value, "canary") {
			t.Errorf("%s shows %q", x.Key, x.Value)
		}
	}
}
