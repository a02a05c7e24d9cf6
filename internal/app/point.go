package app

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// CapturePoint says where a capture was taken: at is "DEVICE:PORT" of the
// inventory, or "" for an interface of this host. Where a device of the
// inventory lists that interface's MAC as its own, the host is that device;
// otherwise the answer has no ID. The error names what is not there.
func (d *Data) CapturePoint(ctx context.Context, at, device string) (topology.End, error) {
	if at == "" {
		return d.ownPoint(ctx, device)
	}
	dev, port, err := d.deviceAndPort(ctx, at)
	if err != nil {
		return topology.End{}, err
	}
	f, _, err := d.DB.Facts(ctx, dev.ID)
	if err != nil {
		return topology.End{}, err
	}
	name, ok := topology.Port(f, port)
	if !ok {
		return topology.End{}, fmt.Errorf("%s lists no port %.80q", dev.Name, port)
	}
	return topology.End{ID: dev.ID, Device: dev.Name, Port: name}, nil
}

// deviceAndPort parts "DEVICE:PORT" where a device is named before the colon:
// addresses and names of ports hold colons too.
func (d *Data) deviceAndPort(ctx context.Context, at string) (dev netdev.Device, port string, err error) {
	err = fmt.Errorf("%.80q is not DEVICE:PORT", at)
	for i, tried := 1, 0; i < len(at)-1 && tried < 16; i++ {
		if at[i] != ':' {
			continue
		}
		tried++
		var found error
		if dev, found = d.DB.FindDevice(ctx, at[:i]); found == nil {
			return dev, at[i+1:], nil
		}
		if tried == 1 || !errors.Is(found, discovery.ErrNoDevice) {
			err = found
		}
	}
	return dev, "", err
}

func (d *Data) ownPoint(ctx context.Context, device string) (topology.End, error) {
	own := topology.End{Port: device}
	dev, err := net.InterfaceByName(device)
	if err != nil || len(dev.HardwareAddr) != 6 {
		return own, nil // a file's, or one without a MAC
	}
	ports, n, err := d.DB.FindPorts(ctx, dev.HardwareAddr.String(), 1)
	if err != nil || n != 1 {
		return own, err
	}
	return topology.End{ID: ports[0].Device, Device: ports[0].Name, Port: ports[0].Port, MAC: ports[0].MAC}, nil
}

// OwnMACs are the addresses of this host's interfaces: frames from them tell
// of nobody else.
func OwnMACs() []netdev.MAC {
	var out []netdev.MAC
	all, err := net.Interfaces()
	if err != nil {
		return nil // then our own announcements are strangers', not more
	}
	for _, i := range all {
		if len(i.HardwareAddr) == 6 {
			out = append(out, netdev.MAC(i.HardwareAddr.String()))
		}
	}
	return out
}
