package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/netdev"
)

// Drift is what people say of differences: each saying is kept together with
// its one audit record, or not at all.
type Drift struct {
	*configstore.Store
	a       *Appliance
	log     *audit.Log
	publish func(topic, id string)
}

// Drift joins the store with the record of what is done. publish hears of the
// devices that something was said of; nil tells nobody.
func (a *Appliance) Drift(log *audit.Log, publish func(topic, id string)) *Drift {
	if publish == nil {
		publish = func(string, string) {}
	}
	return &Drift{Store: a.Store, a: a, log: log, publish: publish}
}

// Approve makes a revision the baseline of a device. by says who.
func (d *Drift) Approve(ctx context.Context, by audit.Record, dev netdev.Device, rev configstore.RevisionID, comment string) error {
	err := d.InTx(ctx, func(ctx context.Context) error {
		was, err := d.Store.Baselines(ctx, dev.ID)
		if err != nil {
			return err
		}
		if err := d.Store.Approve(ctx, d.a.Reader, dev, configstore.Approval{Revision: rev, By: by.Actor, Comment: comment}); err != nil {
			return err
		}
		r, err := d.Store.Revision(ctx, rev)
		if err != nil {
			return err
		}
		by.Verb, by.Object, by.Site = audit.BaselineApprove, "device="+string(dev.ID)+" revision="+string(rev), dev.Site
		if w, ok := was[dev.ID]; ok {
			by.Before = "revision=" + string(w.Revision)
		}
		by.After = strings.TrimSpace("text=" + r.TextHash + " " + comment)
		return d.log.Append(ctx, by)
	})
	_, err = d.ended(configstore.Done{Devices: []netdev.DeviceID{dev.ID}}, err)
	return err
}

// ApproveHeads approves what runs on the members that did not move.
func (d *Drift) ApproveHeads(ctx context.Context, by audit.Record, members []configstore.Member, comment string) (configstore.Done, error) {
	var out configstore.Done
	err := d.InTx(ctx, func(ctx context.Context) (err error) {
		if out, err = d.Store.ApproveHeads(ctx, members, configstore.Approval{By: by.Actor, Comment: comment}); err != nil {
			return err
		}
		by.Verb, by.Object = audit.BaselineApprove, fmt.Sprintf("%d devices", len(out.Devices))
		return d.append(ctx, by, out, comment)
	})
	return d.ended(out, err)
}

// SayOfGroup acknowledges a difference on the members that did not move, or
// takes that back.
func (d *Drift) SayOfGroup(ctx context.Context, by audit.Record, key string, members []configstore.Member, e drift.Event) (configstore.Done, error) {
	var out configstore.Done
	e.By = by.Actor
	err := d.InTx(ctx, func(ctx context.Context) (err error) {
		if out, err = d.Store.SayOfGroup(ctx, key, members, e); err != nil {
			return err
		}
		by.Verb, by.Object = audit.DriftAcknowledge, fmt.Sprintf("group=%s on %d devices", key, len(out.Devices))
		if e.What == drift.Withdraw {
			by.Verb = audit.DriftReopen
		}
		note := e.Note
		if !e.Until.IsZero() {
			note = "until " + e.Until.UTC().Format("2006-01-02 15:04 MST") + " " + note
		}
		return d.append(ctx, by, out, note)
	})
	return d.ended(out, err)
}

// append writes the record of what was done to many, with who was left out.
func (d *Drift) append(ctx context.Context, by audit.Record, out configstore.Done, note string) error {
	var left, names []string
	for _, l := range out.Left {
		left = append(left, d.name(ctx, l.Device)+": "+l.Why)
	}
	for _, id := range out.Devices {
		names = append(names, d.name(ctx, id))
	}
	slices.Sort(names)
	by.After = strings.TrimSpace(note + " [" + strings.Join(names, " ") + "]")
	if len(left) > 0 {
		by.Outcome = fmt.Sprintf("%d left out: %s", len(left), strings.Join(left, "; "))
	}
	return d.log.Append(ctx, by)
}

func (d *Drift) name(ctx context.Context, id netdev.DeviceID) string {
	if dev, err := d.a.DB.Device(ctx, id); err == nil && dev.Name != "" {
		return dev.Name
	}
	return string(id)
}

// ended tells of what was done, once it is kept; what failed was not done.
func (d *Drift) ended(out configstore.Done, err error) (configstore.Done, error) {
	if err != nil {
		return configstore.Done{}, err
	}
	for _, id := range out.Devices {
		d.publish("config", string(id))
	}
	return out, nil
}
