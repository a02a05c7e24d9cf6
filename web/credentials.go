package web

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
)

// credentialsView is the list of credentials, and the form of one of them.
type credentialsView struct {
	settingsPage
	CanEdit bool
	Rows    []credentialRow
	Clear   int // that travel in clear text
	Form    *credentialForm
}

// credentialRow is one line of the list.
type credentialRow struct {
	ID, Name, Href, Kind, How, Scope, Limits string
	On, First, Last                          bool
	Devices                                  string
	Success, Refusal                         when
	Tone, Icon, State                        string
}

// credentialForm is what may be shown of a credential. There is no field for a
// secret: it cannot be filled by mistake.
type credentialForm struct {
	ID, Name, Post                 string
	Scope, Sites, Platforms, Wide  string
	SSH, SNMP                      bool
	SSHUser                        string
	Version, SNMPUser, Auth, Priv  string
	Set                            map[string]bool
	Changed                        when
	By                             string
	Bad                            string // field that was refused
	Damaged, Paused                bool
	Since                          when
	Test                           string
	Answers                        []answerView
	Versions, AuthWords, PrivWords []string
	Reach                          string
}

type answerView struct{ Tone, Icon, Title, Text string }

func (s *Server) credentialsPage(c echo.Context) error {
	v, l, err := s.credentials(c)
	if err != nil {
		return err
	}
	if id := c.Param("id"); id == "new" && v.CanEdit {
		v.Form = newCredentialForm()
	} else if id != "" {
		if l == nil {
			return echo.ErrNotFound
		}
		v.Form = s.formOf(c.Request().Context(), *l)
	}
	return s.render(c, http.StatusOK, "credentials", v)
}

// credentials makes the page, and finds the credential that the path names.
func (s *Server) credentials(c echo.Context) (*credentialsView, *vault.Listed, error) {
	list, usage, err := s.Settings.Credentials(c.Request().Context())
	if err != nil {
		return nil, nil, err
	}
	v := &credentialsView{settingsPage: s.settingsPage(c, "Credentials", "/settings/credentials"), CanEdit: viewerOf(c).Can(auth.CredentialEdit)}
	var chosen *vault.Listed
	now := s.Now()
	for i, l := range list {
		u := usage[l.Name]
		r := credentialRow{ID: l.ID, Name: said(l.Name), Href: "/settings/credentials/" + segment(l.ID), Scope: said(scopeText(l.Scope, ", ")), Limits: limitsOf(l),
			Devices: num(max(u.Devices[vault.SSH], u.Devices[vault.SNMP])), Success: when{u.Success, now}, Refusal: when{u.Refusal, now},
			First: i == 0, Last: i == len(list)-1, On: l.ID == c.Param("id")}
		r.Kind, r.How = loginsOf(l)
		r.Tone, r.Icon, r.State = credentialState(l, u)
		if clearText(l) {
			v.Clear++
		}
		if r.On {
			chosen = &list[i]
		}
		v.Rows = append(v.Rows, r)
	}
	return v, chosen, nil
}

func clearText(l vault.Listed) bool {
	return l.SNMPVersion == netdev.SNMPv1 || l.SNMPVersion == netdev.SNMPv2c
}

func scopeText(scope []netip.Prefix, sep string) string {
	var out []string
	for _, p := range scope {
		if p.IsSingleIP() {
			out = append(out, p.Addr().String())
		} else {
			out = append(out, p.String())
		}
	}
	return strings.Join(out, sep)
}

func limitsOf(l vault.Listed) string {
	var out []string
	if len(l.Sites) > 0 {
		out = append(out, "sites "+strings.Join(l.Sites, ", "))
	}
	if len(l.Platforms) > 0 {
		out = append(out, "platforms "+spelled(l.Platforms, ", "))
	}
	return said(strings.Join(out, "; "))
}

func spelled[T ~string](list []T, sep string) string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return strings.Join(out, sep)
}

// kindOf says which logins a credential has.
func loginsOf(l vault.Listed) (kind, how string) {
	var kinds, hows []string
	if l.SNMPVersion != "" {
		kinds = append(kinds, "SNMPv"+string(l.SNMPVersion))
		if l.SNMPVersion == netdev.SNMPv3 {
			hows = append(hows, map[bool]string{true: "authPriv", false: map[bool]string{true: "authNoPriv", false: "noAuthNoPriv"}[l.SNMPAuth != ""]}[l.SNMPPriv != ""])
		}
	}
	if l.SSHUser != "" {
		kinds = append(kinds, "SSH")
		hows = append(hows, map[bool]string{true: "key", false: "password"}[l.SSHKey])
		if slices.Contains(l.Set, vault.FieldEnable) {
			hows = append(hows, "enable")
		}
	}
	return strings.Join(kinds, " and "), strings.Join(hows, ", ")
}

// credentialState says in words how a credential stands; the worst first.
func credentialState(l vault.Listed, u vault.Usage) (tone, icon, text string) {
	switch {
	case l.Damaged:
		return "t-bad", "circle-x", "damaged: enter it again"
	case !l.Paused.IsZero():
		return "t-bad", "pause", "paused: refused by several devices"
	case u.Refusing > 0 && u.Refusal.After(u.Success):
		return "t-bad", "circle-x", plural(u.Refusing, "device refused", "devices refused")
	case clearText(l):
		return "t-warn", "warn", "clear text"
	case l.SNMPVersion == netdev.SNMPv3 && l.SNMPPriv == "":
		return "t-warn", "warn", "not encrypted"
	case u.Success.IsZero():
		return "t-idle", "unknown", "not used yet"
	}
	return "t-ok", "circle-check", "works"
}

func newCredentialForm() *credentialForm {
	return (&credentialForm{Post: "/settings/credentials", SNMP: true, Version: string(netdev.SNMPv3), Auth: "sha256", Priv: "aes128", Set: map[string]bool{}}).choices()
}

func (f *credentialForm) choices() *credentialForm {
	f.Versions = []string{string(netdev.SNMPv3), string(netdev.SNMPv2c), string(netdev.SNMPv1)}
	f.AuthWords, f.PrivWords = netdev.SNMPAuthWords(), netdev.SNMPPrivWords()
	return f
}

func (s *Server) formOf(ctx context.Context, l vault.Listed) *credentialForm {
	now := s.Now()
	f := &credentialForm{ID: l.ID, Name: said(l.Name), Post: "/settings/credentials/" + segment(l.ID), Scope: scopeText(l.Scope, "\n"),
		Sites: shown(strings.Join(l.Sites, ", ")), Platforms: shown(spelled(l.Platforms, ", ")), SSH: l.SSHUser != "", SNMP: l.SNMPVersion != "", SSHUser: visible(l.SSHUser),
		Version: string(l.SNMPVersion), SNMPUser: visible(l.SNMPUser), Auth: l.SNMPAuth, Priv: l.SNMPPriv, Set: map[string]bool{}, Changed: when{l.Changed, now}, By: said(l.ChangedBy),
		Damaged: l.Damaged, Paused: !l.Paused.IsZero(), Since: when{l.Paused, now}}
	for _, x := range l.Set {
		f.Set[string(x)] = true
	}
	f.Reach = s.reach(ctx, l.Scope)
	return f.choices()
}

// reach says how large a scope is, and how many known devices it holds.
func (s *Server) reach(ctx context.Context, scope []netip.Prefix) string {
	devices, err := s.Inventory.Devices(ctx)
	if err != nil {
		return ""
	}
	n := 0
	for _, d := range devices {
		if (netdev.Credential{Scope: scope}).Allows(d.Address) {
			n++
		}
	}
	return plural(n, "device of the inventory is", "devices of the inventory are") + " inside."
}

// readCredential reads the form. What was typed into a secret's field goes
// into a netdev.Secret at once and is never shown again.
func readCredential(c echo.Context) (vault.Edit, *vault.EditError) {
	e := vault.Edit{ID: c.Param("id"), Wide: formText(c, "wide"), Credential: netdev.Credential{Name: formText(c, "name"), Sites: entries(c.FormValue("sites"))}}
	for _, p := range entries(c.FormValue("platforms")) {
		e.Credential.Platforms = append(e.Credential.Platforms, netdev.PlatformID(p))
	}
	for _, t := range entries(c.FormValue("scope")) {
		p, err := netdev.ParsePrefix(t)
		if err != nil {
			return e, &vault.EditError{Field: vault.FieldScope, Text: fmt.Sprintf("%q is neither an address nor a prefix such as 192.0.2.0/24", visible(t))}
		}
		if whole, err := netip.ParsePrefix(t); err == nil && whole != p {
			return e, &vault.EditError{Field: vault.FieldScope, Text: fmt.Sprintf("%s is an address inside a prefix: write %s for the prefix, or %s for the address", whole, p, whole.Addr())}
		}
		e.Credential.Scope = append(e.Credential.Scope, p)
	}
	secret := func(f vault.Field) netdev.Secret { return netdev.NewSecret(c.FormValue(string(f))) }
	if c.FormValue("snmp") != "" {
		l := &netdev.SNMPLogin{Version: netdev.SNMPVersion(c.FormValue("version"))}
		if l.Version == netdev.SNMPv3 {
			l.User, l.Auth, l.Priv = formText(c, "snmp_user"), c.FormValue("auth"), c.FormValue("priv")
			l.AuthPassword, l.PrivPassword = secret(vault.FieldAuthPassword), secret(vault.FieldPrivPassword)
		} else {
			l.Community = secret(vault.FieldCommunity)
		}
		e.Credential.SNMP = l
	}
	if c.FormValue("ssh") != "" {
		e.Credential.SSH = &netdev.SSHLogin{User: formText(c, "ssh_user"), Password: secret(vault.FieldPassword), Enable: secret(vault.FieldEnable),
			// A browser sends CRLF; a key is lines.
			PrivateKey: netdev.NewSecret(strings.ReplaceAll(c.FormValue(string(vault.FieldKey)), "\r\n", "\n")), Passphrase: secret(vault.FieldPassphrase)}
	}
	for _, f := range formList(c, "forget") {
		e.Forget = append(e.Forget, vault.Field(f))
	}
	return e, nil
}

// saveCredential answers POST /settings/credentials and /settings/credentials/{id}.
func (s *Server) saveCredential(c echo.Context) error {
	ctx := c.Request().Context()
	e, bad := readCredential(c)
	if bad == nil {
		before := ""
		if _, l, err := s.credentials(c); err != nil {
			return err
		} else if l != nil {
			before, e.Credential.Name = describeCredential(*l), l.Name
		}
		after := "scope " + scopeText(e.Credential.Scope, " ")
		if e.Wide != "" {
			after += "; wide because: " + e.Wide
		}
		if err := s.record(c, audit.CredentialChange, e.Credential.Name, before, after); err != nil {
			return err
		}
		_, after2, err := s.Settings.ChangeCredential(ctx, e, viewerOf(c).User)
		if err == nil {
			return c.Redirect(http.StatusSeeOther, "/settings/credentials/"+segment(after2.ID)+"?saved=1")
		}
		if bad = editError(err); bad == nil {
			return err
		}
	}
	v, l, err := s.credentials(c)
	if err != nil {
		return err
	}
	v.Error = strings.ToUpper(string(bad.Field[:1])) + string(bad.Field[1:]) + ": " + visible(bad.Text) + ". Nothing was saved; secrets that were typed are to be typed again."
	v.Form = typed(c, e)
	v.Form.Bad = string(bad.Field)
	if l != nil {
		kept := s.formOf(ctx, *l)
		v.Form.ID, v.Form.Name, v.Form.Post, v.Form.Set, v.Form.Changed, v.Form.By = kept.ID, kept.Name, kept.Post, kept.Set, kept.Changed, kept.By
	}
	return s.render(c, http.StatusUnprocessableEntity, "credentials", v)
}
