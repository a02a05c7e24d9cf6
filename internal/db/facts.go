package db

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/gob"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/netdev"
)

type factsRow struct {
	Device string `gorm:"primaryKey"`
	Whole  int    `gorm:"primaryKey;autoIncrement:false"`
	Taken  int64
	Body   []byte
}

func (factsRow) TableName() string { return "facts" }

// told is what is kept of one walk. It is gob, not JSON: device text need not be
// UTF-8 and must come back as it was, and the JSON of facts is a public answer
// that leaves fields out.
type told struct {
	Facts    netdev.Facts
	Identity netdev.Identity
}

// A partial walk does not take the place of a whole one until that one is so
// old that something newer, though less, is worth more.
const wholeFor = 7 * 24 * time.Hour

func (d *DB) saveFacts(ctx context.Context, device string, f discovery.Found) error {
	body, err := packTold(told{f.Facts, f.Identity})
	if err != nil {
		return fmt.Errorf("facts of %s: %w", device, err)
	}
	row := factsRow{Device: device, Taken: stamp(f.Facts.Taken), Body: body}
	if row.Taken == 0 {
		row.Taken = stamp(d.now())
	}
	if whole(f.Facts) {
		row.Whole = 1
		if err := d.conn(ctx).Exec("DELETE FROM facts WHERE device = ? AND whole = 0 AND taken <= ?", device, row.Taken).Error; err != nil {
			return fmt.Errorf("facts of %s: %w", device, err)
		}
	}
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("facts of %s: %w", device, err)
	}
	return nil
}

// Facts implements discovery.Inventory. Of a device that is there but was never
// walked it gives zero facts.
func (d *DB) Facts(ctx context.Context, id netdev.DeviceID) (netdev.Facts, netdev.Identity, error) {
	var rows []factsRow
	if err := d.conn(ctx).Where("device = ?", string(id)).Order("whole DESC").Find(&rows).Error; err != nil {
		return netdev.Facts{}, netdev.Identity{}, fmt.Errorf("facts of %s: %w", id, err)
	}
	if len(rows) == 0 {
		_, err := d.Device(ctx, id)
		return netdev.Facts{}, netdev.Identity{}, err
	}
	row := rows[0]
	if len(rows) == 2 && time.Duration(rows[1].Taken-rows[0].Taken) > wholeFor {
		row = rows[1]
	}
	t, err := unpackTold(row.Body)
	if err != nil {
		return netdev.Facts{}, netdev.Identity{}, fmt.Errorf("facts of %s: %w", id, err)
	}
	return t.Facts, t.Identity, nil
}

func packTold(t told) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if err := gob.NewEncoder(w).Encode(t); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func unpackTold(body []byte) (told, error) {
	var t told
	err := gob.NewDecoder(flate.NewReader(bytes.NewReader(body))).Decode(&t)
	return t, err
}
