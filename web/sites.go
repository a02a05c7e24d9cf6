package web

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/plumbline-net/plumbline/netdev"
)

// sitesView is which prefix is which site.
type sitesView struct {
	settingsPage
	CanEdit bool
	Rows    []siteRow
	Prefix  string // as typed
	Site    string
}

type siteRow struct {
	Prefix, Site, Devices string
	Fixed                 bool
}

func (s *Server) sitesPage(c echo.Context) error { return s.showSites(c, http.StatusOK, &sitesView{}) }

func (s *Server) showSites(c echo.Context, status int, v *sitesView) error {
	ctx := c.Request().Context()
	text := v.Error
	v.settingsPage = s.settingsPage(c, "Sites", "/settings/sites")
	v.Error, v.CanEdit = text, viewerOf(c).Can(auth.SettingsEdit)
	rows, err := s.Settings.Sites(ctx)
	if err != nil {
		return err
	}
	devices, err := s.Inventory.Devices(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		n := 0
		for _, d := range devices {
			if d.Site == r.Site && r.Prefix.Contains(d.Address.Unmap()) {
				n++
			}
		}
		v.Rows = append(v.Rows, siteRow{r.Prefix.String(), said(r.Site), num(n), r.Fixed})
	}
	return s.render(c, status, "sites", v)
}

// saveSite answers POST /settings/sites; an empty site takes the prefix out.
func (s *Server) saveSite(c echo.Context) error {
	site := formText(c, "site")
	v := &sitesView{Prefix: visible(formText(c, "prefix")), Site: visible(site)}
	p, err := netdev.ParsePrefix(formText(c, "prefix"))
	if whole, werr := netip.ParsePrefix(formText(c, "prefix")); err != nil || werr == nil && whole != p {
		v.Error = "Prefix: " + v.Prefix + " is neither an address nor a whole prefix such as 192.0.2.0/24. Nothing was saved."
		return s.showSites(c, http.StatusUnprocessableEntity, v)
	}
	if c.FormValue("remove") != "" {
		site = ""
	} else if site == "" || len(site) > 64 || visible(site) != site {
		v.Error = "Site: a name of 1 to 64 characters is needed. Nothing was saved."
		return s.showSites(c, http.StatusUnprocessableEntity, v)
	}
	if err := s.record(c, audit.SettingsChange, "site of "+p.String(), "", site); err != nil {
		return err
	}
	if err := s.Settings.SaveSite(c.Request().Context(), p, site); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/sites")
}

// applianceView is the settings file as it holds.
type applianceView struct {
	settingsPage
	Rows []settings.Shown
}

func (s *Server) appliancePage(c echo.Context) error {
	v := &applianceView{settingsPage: s.settingsPage(c, "Settings file", "/settings/appliance"), Rows: s.Settings.Effective()}
	for i := range v.Rows {
		r := &v.Rows[i]
		r.Value, r.Default, r.From = visible(r.Value), visible(r.Default), visible(strings.TrimSpace(r.From))
	}
	return s.render(c, http.StatusOK, "appliance", v)
}
