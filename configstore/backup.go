package configstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/pull"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// Puller reads the texts of one device in one session.
type Puller interface {
	Pull(ctx context.Context, req pull.Request) (pull.Result, error)
}

// Credentials chooses what may open a device and hears how it went.
type Credentials interface {
	// For gives the credentials that may be sent to addr, best first.
	For(ctx context.Context, dev netdev.Device, addr netip.Addr) ([]netdev.Credential, error)
	// Trying is asked before one is shown to the device; an error keeps it from
	// being shown.
	Trying(ctx context.Context, dev netdev.DeviceID, name string) error
	Worked(ctx context.Context, dev netdev.DeviceID, name string) error
	Refused(ctx context.Context, dev netdev.DeviceID, name string) error
}

// BackupOptions are what a Backup needs; Log and Now may be left out.
type BackupOptions struct {
	Store       *Store
	Reader      *Reader
	Platforms   *platform.Set
	Credentials Credentials
	// Puller makes the puller of one device: its host keys are pinned to it.
	Puller func(ctx context.Context, dev netdev.Device, job string) (Puller, error)
	Rules  []compliance.Rule
	Limits cli.Limits
	Log    *slog.Logger
	Now    func() time.Time
}

// Backup reads a device, stores what is proved complete, and judges it.
type Backup struct{ opt BackupOptions }

// NewBackup checks its options and starts nothing.
func NewBackup(opt BackupOptions) (*Backup, error) {
	if opt.Store == nil || opt.Reader == nil || opt.Platforms == nil || opt.Credentials == nil || opt.Puller == nil {
		return nil, errors.New("a backup needs a store, a reader, platforms, credentials and a puller")
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Backup{opt: opt}, nil
}

// Report says how the backup of one device ended. Outcome and what follows are
// those of the running configuration.
type Report struct {
	Device   netdev.Device
	Outcome  Outcome
	Reason   netdev.Reason
	Detail   string
	Revision Revision // zero where nothing is kept
	SHA256   string
	Bytes    int
	Took     time.Duration
}

// Device backs one device up. finish is called inside the transaction that
// stores the result, so that the end of a job and what it brought are one
// fact; it may be nil. The error is one of our own: what a device did is in
// the report.
func (b *Backup) Device(ctx context.Context, dev netdev.Device, fence Fence, finish func(context.Context, Report) error) (Report, error) {
	started := b.opt.Now()
	p, res, err := b.read(ctx, dev, fence.Job)
	if cause := context.Cause(ctx); cause != nil && (errors.Is(cause, context.Canceled) || errors.Is(cause, ErrSuperseded)) {
		err = &netdev.OpError{Reason: netdev.Cancelled, Op: "back up", Addr: dev.Address.String(), Err: cause}
	}
	report := Report{Device: dev}
	// What was read is stored even where the job was just asked to stop.
	ctx = context.WithoutCancel(ctx)
	txErr := b.opt.Store.InTx(ctx, func(ctx context.Context) error {
		attempt := Attempt{Device: dev.ID, Job: fence.Job, Try: fence.Attempt, Started: started, Ended: b.opt.Now(),
			Credential: res.Credential, HostKey: res.HostKey}
		var err2 error
		if len(res.Texts) == 0 {
			err2 = b.failed(ctx, &report, attempt, err, fence)
		} else {
			err2 = b.keep(ctx, &report, p, attempt, res, fence)
		}
		report.Took = b.opt.Now().Sub(started)
		if errors.Is(err2, ErrSuperseded) {
			// Another job has the device: the attempt stays as a note, the job's
			// row is not ours to end.
			report.Outcome, report.Reason, report.Detail = Failed, netdev.Cancelled, err2.Error()
			return nil
		}
		if err2 != nil {
			return err2
		}
		if finish != nil {
			return finish(ctx, report)
		}
		return nil
	})
	if txErr != nil {
		return report, fmt.Errorf("back up %s: %w", dev.Name, txErr)
	}
	b.opt.Log.InfoContext(ctx, "backup", "device", dev.Name, "outcome", report.Outcome, "reason", report.Reason,
		"rev", report.Revision.ID, "bytes", report.Bytes, "seconds", report.Took.Seconds())
	return report, nil
}

// read pulls the texts of a device.
func (b *Backup) read(ctx context.Context, dev netdev.Device, job string) (*platform.Platform, pull.Result, error) {
	p, ok := b.opt.Platforms.Get(dev.Platform)
	if !ok || len(p.Read.Running) == 0 {
		return nil, pull.Result{}, &netdev.OpError{Reason: netdev.Unsupported, Op: "back up", Addr: dev.Address.String(),
			Detail: fmt.Sprintf("platform %q says no way to read a configuration", dev.Platform)}
	}
	port := dev.SSHPort
	if port == 0 {
		port = 22
	}
	creds, err := b.opt.Credentials.For(ctx, dev, dev.Address)
	if err != nil {
		return p, pull.Result{}, err
	}
	req := pull.Request{Host: dev.Address.String(), Address: netip.AddrPortFrom(dev.Address, port), Platform: p,
		Credentials: creds, Sources: []string{pull.Running}, Extras: true, Limits: b.opt.Limits,
		Trying: func(name string) error { return b.opt.Credentials.Trying(ctx, dev.ID, name) }}
	if len(p.Read.Startup) > 0 {
		req.Sources = append(req.Sources, pull.Startup)
	}
	if req.Last, err = b.lastGood(ctx, dev.ID, p); err != nil {
		return p, pull.Result{}, err
	}
	puller, err := b.opt.Puller(ctx, dev, job)
	if err != nil {
		return p, pull.Result{}, err
	}
	res, err := puller.Pull(ctx, req)
	if hearErr := b.tell(context.WithoutCancel(ctx), dev.ID, res); hearErr != nil {
		b.opt.Log.ErrorContext(ctx, "keep how a credential fared", "device", dev.Name, "error", hearErr)
	}
	return p, res, err
}

// lastGood gives what the new texts are compared with, so that a sudden loss
// of most of a configuration is doubted.
func (b *Backup) lastGood(ctx context.Context, dev netdev.DeviceID, p *platform.Platform) (map[string]pull.LastGood, error) {
	last := map[string]pull.LastGood{}
	for _, src := range []Source{Running, Startup} {
		head, err := b.opt.Store.Head(ctx, dev, src)
		if errors.Is(err, ErrNoRevision) {
			continue
		}
		if err != nil {
			return nil, err
		}
		raw, err := b.opt.Store.Raw(ctx, head.ID)
		if err != nil {
			// A damaged revision must not keep the device from being read again.
			b.opt.Log.ErrorContext(ctx, "last good text cannot be read", "device", dev, "rev", head.ID, "error", err)
			continue
		}
		last[string(src)] = pull.LastGood{Bytes: len(raw), Census: pull.Census(p, raw), SHA256: head.SHA256}
	}
	return last, nil
}

// tell passes on which credential opened the device and which were refused. A
// login whose end is not known stays what Trying made of it.
func (b *Backup) tell(ctx context.Context, dev netdev.DeviceID, res pull.Result) error {
	var errs error
	for _, name := range res.Refused {
		errs = errors.Join(errs, b.opt.Credentials.Refused(ctx, dev, name))
	}
	if res.Credential != "" {
		errs = errors.Join(errs, b.opt.Credentials.Worked(ctx, dev, res.Credential))
	}
	return errs
}
