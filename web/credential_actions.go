package web

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
)

func editError(err error) *vault.EditError {
	e, _ := errors.AsType[*vault.EditError](err)
	return e
}

func describeCredential(l vault.Listed) string {
	kind, how := loginsOf(l)
	return kind + " (" + how + "), scope " + scopeText(l.Scope, " ")
}

// typed is the form as it was sent, without what was typed into secrets.
func typed(c echo.Context, e vault.Edit) *credentialForm {
	f := &credentialForm{Name: visible(e.Credential.Name), Post: "/settings/credentials", Scope: shown(c.FormValue("scope")), Wide: visible(e.Wide),
		Sites: shown(c.FormValue("sites")), Platforms: shown(c.FormValue("platforms")), SSH: c.FormValue("ssh") != "", SNMP: c.FormValue("snmp") != "",
		SSHUser: visible(formText(c, "ssh_user")), Version: visible(c.FormValue("version")), SNMPUser: visible(formText(c, "snmp_user")),
		Auth: visible(c.FormValue("auth")), Priv: visible(c.FormValue("priv")), Set: map[string]bool{}}
	return f.choices()
}

// deleteCredential answers POST /settings/credentials/{id}/delete; the first
// time it asks back.
func (s *Server) deleteCredential(c echo.Context) error {
	_, l, err := s.credentials(c)
	if err != nil {
		return err
	}
	if l == nil {
		return echo.ErrNotFound
	}
	href := "/settings/credentials/" + segment(l.ID)
	if c.FormValue("sure") == "" {
		return s.render(c, http.StatusOK, "confirm", &confirmView{page: page{Title: "Delete a credential", Area: "/settings"}, Heading: "Delete " + said(l.Name) + "?",
			Text: "Its secrets are forgotten and cannot be brought back. Devices that only it opens are not backed up any more.",
			Post: href + "/delete", Back: href, Action: "Delete " + said(l.Name)})
	}
	if err := s.record(c, audit.CredentialDelete, l.Name, describeCredential(*l), ""); err != nil {
		return err
	}
	if err := s.Settings.DeleteCredential(c.Request().Context(), l.Name); err != nil && !errors.Is(err, vault.ErrNoCredential) {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/credentials")
}

// moveCredential answers POST /settings/credentials/{id}/move.
func (s *Server) moveCredential(c echo.Context) error {
	_, l, err := s.credentials(c)
	if err != nil {
		return err
	}
	if l == nil {
		return echo.ErrNotFound
	}
	earlier := c.FormValue("to") != "later"
	if err := s.record(c, audit.CredentialChange, l.Name, "", map[bool]string{true: "tried earlier", false: "tried later"}[earlier]); err != nil {
		return err
	}
	if err := s.Settings.MoveCredential(c.Request().Context(), l.ID, earlier); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/credentials")
}

// testCredential answers POST /settings/credentials/{id}/test.
func (s *Server) testCredential(c echo.Context) error {
	ctx := c.Request().Context()
	v, l, err := s.credentials(c)
	if err != nil {
		return err
	}
	if l == nil {
		return echo.ErrNotFound
	}
	v.Form = s.formOf(ctx, *l)
	text := formText(c, "address")
	v.Form.Test = visible(text)
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		v.Error = "Address: " + visible(text) + " is not one address, such as 192.0.2.11. Nothing was sent."
		v.Form.Bad = "address"
		return s.render(c, http.StatusUnprocessableEntity, "credentials", v)
	}
	if err := s.record(c, audit.CredentialTest, l.Name, "", "at "+addr.String()); err != nil {
		return err
	}
	answers, err := s.Settings.TestCredential(ctx, viewerOf(c).User, l.ID, addr.Unmap())
	if errors.Is(err, ErrTesting) {
		v.Error = sentence(err)
		return s.render(c, http.StatusConflict, "credentials", v)
	}
	if err != nil {
		return err
	}
	var outcome []string
	for _, a := range answers {
		w := answerWords(a)
		v.Form.Answers = append(v.Form.Answers, w)
		outcome = append(outcome, string(a.Kind)+": "+map[bool]string{true: "ok", false: string(a.Reason)}[a.OK])
	}
	if err := s.recordOutcome(c, audit.CredentialTest, l.Name, "", "at "+addr.String(), strings.Join(outcome, ", ")); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "credentials", v)
}

// answerWords says what came of one login.
func answerWords(a CredentialAnswer) answerView {
	v := answerView{Tone: "t-bad", Icon: "circle-x", Text: said(a.Detail)}
	kind := map[vault.Kind]string{vault.SNMP: "SNMP", vault.SSH: "SSH"}[a.Kind]
	switch {
	case a.OK:
		v.Tone, v.Icon, v.Title, v.Text = "t-ok", "circle-check", kind+": answered as "+said(a.Name), said(a.How)
		if a.Kind == vault.SSH {
			v.Title = kind + ": logged in, prompt " + said(a.Name)
		}
	case a.Reason == netdev.OutOfScope:
		v.Tone, v.Icon, v.Title = "t-warn", "ban", kind+": outside its scope: nothing was sent"
	case !a.Sent:
		v.Tone, v.Icon, v.Title = "t-warn", "ban", kind+": nothing was sent"
	case a.Reason == netdev.AuthFailed:
		v.Title = kind + ": refused"
	case a.Reason == netdev.HostKeyChanged, a.Reason == netdev.HostKeyUnknown:
		v.Title = kind + ": stopped before any secret was sent"
	case a.Reason == netdev.IdentityChanged:
		v.Title = kind + ": another device answers there than the known one"
	case a.Reason == netdev.Timeout, a.Reason == netdev.Unreachable:
		v.Tone, v.Icon, v.Title = "t-idle", "unknown", kind+": no answer"
		if a.Kind == vault.SNMP {
			v.Text = strings.TrimSpace(v.Text + " An agent is silent to a wrong community, too.")
		}
	default:
		v.Title = kind + ": " + string(a.Reason)
	}
	return v
}
