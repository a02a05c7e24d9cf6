package vault_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
)

func listedNames(t *testing.T, c *vault.Credentials) (string, map[string]vault.Listed) {
	t.Helper()
	list, err := c.List(t.Context())
	must(t, err)
	by := map[string]vault.Listed{}
	var names []string
	for _, l := range list {
		by[l.Name] = l
		names = append(names, l.Name)
	}
	return strings.Join(names, " "), by
}

func TestAChangeKeepsTheSecretsThatWereNotTyped(t *testing.T) {
	c, _, _ := credentials(t)
	in := ssh("ops", "127.0.0.0/8")
	in.SSH.Enable = netdev.NewSecret("en")
	_, after, err := c.Change(t.Context(), vault.Edit{Credential: in}, "ann")
	must(t, err)
	edit := vault.Edit{ID: after.ID, Forget: []vault.Field{vault.FieldEnable},
		Credential: netdev.Credential{Name: "renamed", Scope: []netip.Prefix{netip.MustParsePrefix("127.1.0.0/16")}, SSH: &netdev.SSHLogin{User: "other"}}}
	before, after, err := c.Change(t.Context(), edit, "bob")
	must(t, err)
	if before.SSHUser != "u-ops" || after.Name != "ops" || after.SSHUser != "other" || after.ChangedBy != "bob" {
		t.Errorf("before %+v, after %+v", before, after)
	}
	all, err := c.All(t.Context())
	must(t, err)
	if len(all) != 1 || all[0].SSH.Password.Reveal() != "canary-ops" || all[0].SSH.Enable.IsSet() || all[0].SSH.User != "other" {
		t.Errorf("kept %+v", all)
	}
	_, by := listedNames(t, c)
	if !slices.Equal(by["ops"].Set, []vault.Field{vault.FieldPassword}) {
		t.Errorf("set %v", by["ops"].Set)
	}
}

func TestAChangeIsRefusedWithItsFieldAndWhatToDo(t *testing.T) {
	c, _, _ := credentials(t)
	_, kept, err := c.Change(t.Context(), vault.Edit{Credential: ssh("ops", "127.1.0.0/16")}, "ann")
	must(t, err)
	prefixes := func(list ...string) (out []netip.Prefix) {
		for _, p := range list {
			out = append(out, netip.MustParsePrefix(p))
		}
		return out
	}
	login := func() *netdev.SSHLogin { return &netdev.SSHLogin{User: "u", Password: netdev.NewSecret("p")} }
	tests := map[string]struct {
		edit  vault.Edit
		field vault.Field
		text  string // "" for one that is right
	}{
		"no-name":        {vault.Edit{Credential: netdev.Credential{Scope: prefixes("10.0.0.0/8"), SSH: login()}}, vault.FieldName, "1 to 64"},
		"name-taken":     {vault.Edit{Credential: ssh("ops", "127.0.0.0/8")}, vault.FieldName, "change that one"},
		"no-scope":       {vault.Edit{Credential: netdev.Credential{Name: "n", SSH: login()}}, vault.FieldScope, "sent nowhere else"},
		"everything":     {vault.Edit{Credential: netdev.Credential{Name: "n", Scope: prefixes("0.0.0.0/0"), SSH: login()}}, vault.FieldScope, "wider than a /8"},
		"two-halves":     {vault.Edit{Credential: netdev.Credential{Name: "n", Scope: prefixes("0.0.0.0/1", "128.0.0.0/1"), SSH: login()}}, vault.FieldScope, "wider than a /8"},
		"all-of-six":     {vault.Edit{Credential: netdev.Credential{Name: "n", Scope: prefixes("::/0"), SSH: login()}}, vault.FieldScope, "wider than a /32"},
		"with-a-reason":  {vault.Edit{Wide: "lab", Credential: netdev.Credential{Name: "wide", Scope: prefixes("0.0.0.0/0"), SSH: login()}}, "", ""},
		"multicast":      {vault.Edit{Credential: netdev.Credential{Name: "n", Scope: prefixes("224.0.0.0/8"), SSH: login()}}, vault.FieldScope, "multicast"},
		"no-login":       {vault.Edit{Credential: netdev.Credential{Name: "n", Scope: prefixes("10.0.0.0/8")}}, vault.FieldSSH, "at least one"},
		"no-password":    {vault.Edit{Credential: netdev.Credential{Name: "n", Scope: prefixes("10.0.0.0/8"), SSH: &netdev.SSHLogin{User: "u"}}}, vault.FieldSSH, "neither password nor key"},
		"half-a-v3":      {vault.Edit{Credential: netdev.Credential{Name: "n", Scope: prefixes("10.0.0.0/8"), SNMP: &netdev.SNMPLogin{Version: "3", User: "u", Auth: "sha"}}}, vault.FieldSNMP, "fit together"},
		"scope-shrinks":  {vault.Edit{ID: kept.ID, Credential: netdev.Credential{Scope: prefixes("127.1.2.0/24"), SSH: &netdev.SSHLogin{User: "u"}}}, "", ""},
		"scope-grows":    {vault.Edit{ID: kept.ID, Credential: netdev.Credential{Scope: prefixes("127.1.2.0/24", "10.9.9.9/32"), SSH: &netdev.SSHLogin{User: "u"}}}, vault.FieldScope, "10.9.9.9/32 was not in the scope before: enter password again"},
		"grows-new-word": {vault.Edit{ID: kept.ID, Credential: netdev.Credential{Scope: prefixes("127.1.2.0/24", "10.9.9.9/32"), SSH: login()}}, "", ""},
	}
	for _, name := range []string{"no-name", "name-taken", "no-scope", "everything", "two-halves", "all-of-six", "with-a-reason", "multicast", "no-login", "no-password", "half-a-v3", "scope-shrinks", "scope-grows", "grows-new-word"} {
		tt := tests[name]
		t.Run(name, func(t *testing.T) {
			_, _, err := c.Change(t.Context(), tt.edit, "ann")
			bad, _ := errors.AsType[*vault.EditError](err)
			switch {
			case tt.text == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.text != "" && (bad == nil || bad.Field != tt.field || !strings.Contains(bad.Text, tt.text)):
				t.Errorf("got %v, want %s with %q", err, tt.field, tt.text)
			}
		})
	}
	if _, _, err := c.Change(t.Context(), vault.Edit{ID: "none", Credential: ssh("x", "127.0.0.0/8")}, "ann"); !errors.Is(err, vault.ErrNoCredential) {
		t.Errorf("an id that is not kept: %v", err)
	}
}

func TestThePersonsOrderGoesBeforeTheScope(t *testing.T) {
	c, _, _ := credentials(t)
	for _, cr := range []netdev.Credential{ssh("wide", "127.0.0.0/8"), ssh("narrow", "127.1.0.0/16"), ssh("middle", "127.0.0.0/12")} {
		must(t, c.Save(t.Context(), cr, "ann"))
	}
	got, by := listedNames(t, c)
	if got != "narrow middle wide" {
		t.Errorf("at first %s", got)
	}
	must(t, c.Move(t.Context(), by["wide"].ID, true))
	must(t, c.Move(t.Context(), by["wide"].ID, true))
	must(t, c.Move(t.Context(), by["wide"].ID, true)) // it is the first already
	must(t, c.Move(t.Context(), by["narrow"].ID, false))
	if got, _ := listedNames(t, c); got != "wide middle narrow" {
		t.Errorf("after moves %s", got)
	}
	chosen, err := c.For(t.Context(), netdev.Device{ID: "d"}, netip.MustParseAddr("127.1.2.3"))
	must(t, err)
	if names(chosen) != "wide middle" {
		t.Errorf("tried %s, want the person's order", names(chosen))
	}
	must(t, c.Save(t.Context(), ssh("wide", "127.0.0.0/8"), "ann")) // keeps its place
	_, _, err = c.Change(t.Context(), vault.Edit{Credential: ssh("new", "127.1.2.0/24")}, "ann")
	must(t, err)
	if got, _ := listedNames(t, c); got != "wide middle narrow new" {
		t.Errorf("a new one does not stand at the end: %s", got)
	}
	if err := c.Move(t.Context(), "none", true); !errors.Is(err, vault.ErrNoCredential) {
		t.Errorf("move of none: %v", err)
	}
}

func TestOneAttemptHoldsToTheRulesOfAJob(t *testing.T) {
	c, _, _ := credentials(t)
	in := ssh("ops", "127.1.0.0/16")
	in.Sites, in.Platforms = []string{"berlin"}, []netdev.PlatformID{"p1"}
	must(t, c.Save(t.Context(), in, "ann"))
	_, by := listedNames(t, c)
	id, dev, inside := by["ops"].ID, netdev.Device{ID: "d1", Site: "berlin", Platform: "p1"}, netip.MustParseAddr("127.1.0.9")
	check := func(what string, kind vault.Kind, dev netdev.Device, addr netip.Addr, want netdev.Reason) {
		t.Helper()
		cred, err := c.One(t.Context(), id, kind, dev, addr)
		if netdev.ReasonOf(err) != want || (want == "") != (cred.SSH != nil) {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	}
	check("inside", vault.SSH, dev, inside, "")
	check("mapped", vault.SSH, dev, netip.MustParseAddr("::ffff:127.1.0.9"), "")
	check("outside", vault.SSH, dev, netip.MustParseAddr("127.2.0.9"), netdev.OutOfScope)
	check("other site", vault.SSH, netdev.Device{ID: "d1", Site: "oslo", Platform: "p1"}, inside, netdev.OutOfScope)
	check("other platform", vault.SSH, netdev.Device{ID: "d1", Site: "berlin", Platform: "p2"}, inside, netdev.OutOfScope)
	check("no such login", vault.SNMP, dev, inside, netdev.NoCredential)
	must(t, c.Refused(t.Context(), "d1", vault.SSH, "ops"))
	check("one refusal", vault.SSH, dev, inside, "")
	must(t, c.Refused(t.Context(), "d1", vault.SSH, "ops"))
	check("two refusals", vault.SSH, dev, inside, netdev.LockoutGuard)
	must(t, c.Refused(t.Context(), "d2", vault.SSH, "ops"))
	must(t, c.Refused(t.Context(), "d3", vault.SSH, "ops"))
	check("paused", vault.SSH, netdev.Device{ID: "d9", Site: "berlin", Platform: "p1"}, inside, netdev.LockoutGuard)
	usage, err := c.Usage(t.Context())
	must(t, err)
	if u := usage["ops"]; u.Refusing != 3 || u.Refusal.IsZero() || !u.Success.IsZero() {
		t.Errorf("usage %+v", u)
	}
	must(t, c.Worked(t.Context(), "d1", vault.SSH, "ops"))
	if usage, err = c.Usage(t.Context()); err != nil || usage["ops"].Devices[vault.SSH] != 1 || usage["ops"].Success.IsZero() {
		t.Errorf("usage %+v, %v", usage, err)
	}
}
