package db

import (
	"context"
	"fmt"
	"net/netip"

	"gorm.io/gorm/clause"
)

type sitePrefixRow struct {
	Prefix string `gorm:"primaryKey"`
	Site   string
}

func (sitePrefixRow) TableName() string { return "site_prefix" }

// SitePrefix says that the addresses of a prefix are at a site.
type SitePrefix struct {
	Prefix netip.Prefix
	Site   string
}

// SitePrefixes lists them by site and prefix.
func (d *DB) SitePrefixes(ctx context.Context) ([]SitePrefix, error) {
	var rows []sitePrefixRow
	if err := d.conn(ctx).Order("site, prefix").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list prefixes of sites: %w", err)
	}
	out := make([]SitePrefix, len(rows))
	for i, r := range rows {
		p, err := netip.ParsePrefix(r.Prefix)
		if err != nil {
			return nil, fmt.Errorf("prefix of site %q: %w", r.Site, err)
		}
		out[i] = SitePrefix{p, r.Site}
	}
	return out, nil
}

// SaveSitePrefix puts a prefix to a site; an empty site takes it out.
func (d *DB) SaveSitePrefix(ctx context.Context, p SitePrefix) error {
	q := d.conn(ctx)
	if p.Site == "" {
		q = q.Delete(&sitePrefixRow{}, "prefix = ?", p.Prefix.String())
	} else {
		q = q.Clauses(clause.OnConflict{UpdateAll: true}).Create(&sitePrefixRow{p.Prefix.String(), p.Site})
	}
	if q.Error != nil {
		return fmt.Errorf("keep the site of %s: %w", p.Prefix, q.Error)
	}
	return nil
}
