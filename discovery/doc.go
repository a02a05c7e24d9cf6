// Package discovery is the corridor from addresses to an inventory of devices
// and links: it joins the stages target, sweep, walk, identify and topology,
// and declares what it needs from storage.
//
// It refuses to know configurations: what it hands on is netdev.Device.
package discovery
