package snmp_test

import (
	"context"
	"net"
	"net/netip"
)

// redirect is a dialler that ends up elsewhere, as name resolution or address
// translation may.
func redirect(to netip.AddrPort) func(context.Context, netip.AddrPort) (net.Conn, error) {
	return func(context.Context, netip.AddrPort) (net.Conn, error) { return net.Dial("udp", to.String()) }
}
