package web

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/notify"
	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
)

// ErrTesting is returned for a second test of a credential beside the first.
var ErrTesting = errors.New("another test is running: wait for its end")

// Settings is what the pages of the settings work on. Secrets go in, and none
// comes out: no type here holds one.
type Settings interface {
	// Credentials lists them in the order of use, and how they fare by name.
	Credentials(ctx context.Context) ([]vault.Listed, map[string]vault.Usage, error)
	ChangeCredential(ctx context.Context, e vault.Edit, by string) (before, after vault.Listed, err error)
	DeleteCredential(ctx context.Context, name string) error
	MoveCredential(ctx context.Context, id string, earlier bool) error
	// TestCredential tries each login of a credential once at one address.
	TestCredential(ctx context.Context, by, id string, addr netip.Addr) ([]CredentialAnswer, error)

	Users(ctx context.Context) ([]auth.User, error)
	AddUser(ctx context.Context, name, password string, role auth.Role) (auth.User, error)
	SetRole(ctx context.Context, id string, role auth.Role) error
	Disable(ctx context.Context, id string, closed bool) error
	DeleteUser(ctx context.Context, id string) error

	Webhook() Webhook
	// Effective lists every setting of the settings file as it holds.
	Effective() []settings.Shown

	Sites(ctx context.Context) ([]SitePrefix, error)
	SaveSite(ctx context.Context, p netip.Prefix, site string) error // "" takes the prefix out
}

// Webhook is where notices go. *notify.Service is one.
type Webhook interface {
	View(ctx context.Context) (notify.View, error)
	Set(ctx context.Context, c notify.Change, by string) error
	Remove(ctx context.Context) error
	Test(ctx context.Context) (words string, ok bool, err error)
	Recent(ctx context.Context, limit int) ([]notify.Notice, error)
}

// CredentialAnswer is what came of one login of a credential's test.
type CredentialAnswer struct {
	Kind   vault.Kind
	OK     bool
	Sent   bool   // something went to the address
	Name   string // what the device calls itself: its sysName or its prompt
	How    string // how the login was protected
	Reason netdev.Reason
	Detail string
}

// SitePrefix says that the addresses of a prefix are at a site. Fixed ones are
// not a person's to change.
type SitePrefix struct {
	Prefix netip.Prefix
	Site   string
	Fixed  bool
}

// settingsTable is the routes of the settings; none where there are none.
func (s *Server) settingsTable() []route {
	if s.Settings == nil {
		return nil
	}
	row := func(method, path string, p auth.Permission, verb audit.Verb, h echo.HandlerFunc) route {
		return route{Method: method, Path: "/settings" + path, Permission: p, Scope: scopeGlobal, Verb: verb, OwnAudit: verb != "", Handler: h}
	}
	return []route{
		row(get, "", auth.InventoryRead, "", s.settingsRoot),
		row(get, "/credentials", auth.CredentialUse, "", s.credentialsPage),
		row(post, "/credentials", auth.CredentialEdit, audit.CredentialChange, s.saveCredential),
		row(get, "/credentials/:id", auth.CredentialUse, "", s.credentialsPage),
		row(post, "/credentials/:id", auth.CredentialEdit, audit.CredentialChange, s.saveCredential),
		row(post, "/credentials/:id/delete", auth.CredentialEdit, audit.CredentialDelete, s.deleteCredential),
		row(post, "/credentials/:id/move", auth.CredentialEdit, audit.CredentialChange, s.moveCredential),
		row(post, "/credentials/:id/test", auth.CredentialUse, audit.CredentialTest, s.testCredential),

		row(get, "/users", auth.AccessRead, "", s.usersPage),
		row(post, "/users", auth.UserEdit, audit.UserChange, s.addUser),
		row(post, "/users/:id/role", auth.UserEdit, audit.GrantChange, s.userRole),
		row(post, "/users/:id/state", auth.UserEdit, audit.UserChange, s.userState),
		row(post, "/users/:id/password", auth.UserEdit, audit.PasswordChange, s.userPassword),
		row(post, "/users/:id/delete", auth.UserEdit, audit.UserDelete, s.deleteUser),
		row(post, "/users/:id/sessions", auth.UserEdit, audit.SessionEnd, s.endSessions),
		row(get, "/tokens", auth.AccessRead, "", s.tokensPage),
		row(post, "/tokens/:id/revoke", auth.TokenEdit, audit.TokenRevoke, s.revokeToken),

		row(get, "/notify", auth.NotifyEdit, "", s.notifyPage),
		row(post, "/notify", auth.NotifyEdit, audit.SettingsChange, s.saveWebhook),
		row(post, "/notify/test", auth.NotifyEdit, audit.SettingsChange, s.testWebhook),
		row(post, "/notify/remove", auth.NotifyEdit, audit.SettingsChange, s.removeWebhook),

		row(get, "/sites", auth.InventoryRead, "", s.sitesPage),
		row(post, "/sites", auth.SettingsEdit, audit.SettingsChange, s.saveSite),
		row(get, "/appliance", auth.SettingsEdit, "", s.appliancePage),
	}
}

// settingsPage is what the pages of the settings have in common.
type settingsPage struct {
	page
	Menu  []navGroup
	Error string
	Note  string
}

func (s *Server) settingsPage(c echo.Context, title, path string) settingsPage {
	return settingsPage{page: page{Title: title, Area: "/settings"}, Menu: settingsMenu(viewerOf(c), path)}
}

// settingsMenu lists the pages that the viewer may open.
func settingsMenu(v viewer, path string) []navGroup {
	var out []navGroup
	for _, g := range []struct {
		title string
		items []navItem
		need  []auth.Permission
	}{
		{"Network", []navItem{{Path: "/settings/credentials", Label: "Credentials"}, {Path: "/settings/sites", Label: "Sites"}},
			[]auth.Permission{auth.CredentialUse, auth.InventoryRead}},
		{"People", []navItem{{Path: "/settings/users", Label: "Users and roles"}, {Path: "/settings/tokens", Label: "API tokens"}},
			[]auth.Permission{auth.AccessRead, auth.AccessRead}},
		{"Appliance", []navItem{{Path: "/settings/notify", Label: "Notifications"}, {Path: "/settings/appliance", Label: "Settings file"}},
			[]auth.Permission{auth.NotifyEdit, auth.SettingsEdit}},
	} {
		group := navGroup{Title: g.title}
		for i, it := range g.items {
			if v.Can(g.need[i]) {
				it.On = it.Path == path
				group.Items = append(group.Items, it)
			}
		}
		if len(group.Items) > 0 {
			out = append(out, group)
		}
	}
	return out
}

// settingsRoot answers GET /settings: the first page that may be opened.
func (s *Server) settingsRoot(c echo.Context) error {
	return c.Redirect(http.StatusSeeOther, settingsMenu(viewerOf(c), "")[0].Items[0].Path)
}

// record writes who does what before it is done: without a record there is no
// action (SECURITY E43). before and after never hold a secret.
func (s *Server) record(c echo.Context, verb audit.Verb, object, before, after string) error {
	return s.recordOutcome(c, verb, object, before, after, "asked")
}

func (s *Server) recordOutcome(c echo.Context, verb audit.Verb, object, before, after, outcome string) error {
	v := viewerOf(c)
	r := audit.Record{ActorKind: v.kind(), Actor: v.User, Address: peer(c.Request()), Request: requestOf(c), Verb: verb,
		Object: visible(object), Before: visible(before), After: visible(after), Outcome: visible(outcome)}
	return s.Audit.Append(c.Request().Context(), r)
}

// formText is a form's field without blanks around it.
func formText(c echo.Context, name string) string { return strings.TrimSpace(c.FormValue(name)) }

// formList is a form's field that may stand several times.
func formList(c echo.Context, name string) []string {
	f, err := c.FormParams()
	if err != nil {
		return nil
	}
	return f[name]
}
