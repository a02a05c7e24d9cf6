package app

import (
	"context"
	"net/netip"

	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/notify"
	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/web"
)

// admin is what the pages of the settings work on.
type admin struct {
	*auth.Service // accounts
	work          *work
	hook          *notify.Service
	set           settings.Settings
}

var _ web.Settings = (*admin)(nil)

// Credentials implements web.Settings.
func (a *admin) Credentials(ctx context.Context) ([]vault.Listed, map[string]vault.Usage, error) {
	list, err := a.work.a.Credentials.List(ctx)
	if err != nil {
		return nil, nil, err
	}
	usage, err := a.work.a.Credentials.Usage(ctx)
	return list, usage, err
}

// ChangeCredential implements web.Settings.
func (a *admin) ChangeCredential(ctx context.Context, e vault.Edit, by string) (before, after vault.Listed, err error) {
	return a.work.a.Credentials.Change(ctx, e, by)
}

// DeleteCredential implements web.Settings.
func (a *admin) DeleteCredential(ctx context.Context, name string) error {
	return a.work.a.Credentials.Delete(ctx, name)
}

// MoveCredential implements web.Settings.
func (a *admin) MoveCredential(ctx context.Context, id string, earlier bool) error {
	return a.work.a.Credentials.Move(ctx, id, earlier)
}

// TestCredential implements web.Settings.
func (a *admin) TestCredential(ctx context.Context, by, id string, addr netip.Addr) ([]web.CredentialAnswer, error) {
	return a.work.TestCredential(ctx, by, id, addr)
}

// Webhook implements web.Settings.
func (a *admin) Webhook() web.Webhook { return a.hook }

// Effective implements web.Settings.
func (a *admin) Effective() []settings.Shown { return a.set.Explain() }

// Sites implements web.Settings.
func (a *admin) Sites(ctx context.Context) ([]web.SitePrefix, error) {
	sites, err := a.work.knownSites(ctx)
	if err != nil {
		return nil, err
	}
	own, err := a.work.a.DB.SitePrefixes(ctx)
	if err != nil {
		return nil, err
	}
	set := map[netip.Prefix]bool{}
	for _, o := range own {
		set[o.Prefix] = true
	}
	var out []web.SitePrefix
	for _, s := range sites {
		for _, p := range s.Prefixes {
			out = append(out, web.SitePrefix{Prefix: p, Site: s.Name, Fixed: !set[p]})
		}
	}
	return out, nil
}

// SaveSite implements web.Settings.
func (a *admin) SaveSite(ctx context.Context, p netip.Prefix, site string) error {
	d := a.work.a.DB
	return d.InTx(ctx, func(ctx context.Context) error { return d.SaveSitePrefix(ctx, db.SitePrefix{Prefix: p, Site: site}) })
}
