package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// errRefused marks a destination that nothing is sent to.
var errRefused = errors.New("not sent")

// maxURL bounds the address of the receiver.
const maxURL = 2048

// readURL checks the address of a receiver and gives what may be shown of it.
// Clear text needs a confirmation, except to this machine itself.
func readURL(text string, plain bool) (*url.URL, string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || len(text) > maxURL || u.Hostname() == "":
		// The library's error quotes the address, whose path may be a secret.
		return nil, "", errors.New("that is not an address such as https://hooks.example.net/path")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, "", errors.New("only https and http are spoken")
	case u.User != nil:
		return nil, "", errors.New("a name or password does not belong into the address: use the secret for signing instead")
	case u.Fragment != "":
		return nil, "", errors.New("what stands behind # is never sent: leave it out")
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		if err := allowed(a, true); err != nil {
			return nil, "", err
		}
	}
	if u.Scheme == "http" && !local(u.Hostname()) && !plain {
		return nil, "", errors.New("names of devices would cross the network in clear text: use https, or confirm it below")
	}
	return u, u.Scheme + "://" + u.Host, nil
}

// local says whether a host is written as this machine itself.
func local(host string) bool {
	a, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && a.Unmap().IsLoopback()
}

// allowed refuses addresses that no receiver has: link-local ones, where clouds
// keep their metadata, and what is no host at all. A loopback address is
// allowed only where a person wrote one: a name that resolves to it is not
// what it seems.
func allowed(a netip.Addr, written bool) error {
	a = a.Unmap().WithZone("")
	switch {
	case a.IsLinkLocalUnicast(), a == netip.MustParseAddr("fd00:ec2::254"), a == netip.MustParseAddr("100.100.100.200"):
		return fmt.Errorf("%w: %s is link-local or serves a cloud's metadata", errRefused, a)
	case a.IsUnspecified(), a.IsMulticast(), a == netip.AddrFrom4([4]byte{255, 255, 255, 255}), a.Is4() && a.As4()[0] == 0:
		return fmt.Errorf("%w: %s is not the address of a host", errRefused, a)
	case a.IsLoopback() && !written:
		return fmt.Errorf("%w: the name leads to this machine itself (%s)", errRefused, a)
	}
	return nil
}

// dialer resolves once, judges every address, and connects to those alone, so
// that a name cannot mean one host when it is judged and another when it is
// dialled.
type dialer struct {
	resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	net     net.Dialer
}

func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, err := d.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, a := range addrs {
		if err := allowed(a, local(host)); err != nil {
			return nil, err
		}
	}
	err = fmt.Errorf("%s has no address", host)
	for _, a := range addrs[:min(len(addrs), 4)] {
		var c net.Conn
		if c, err = d.net.DialContext(ctx, network, net.JoinHostPort(a.Unmap().String(), port)); err == nil {
			return c, nil
		}
	}
	return nil, err
}

func (d *dialer) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	return d.resolve(ctx, host)
}
