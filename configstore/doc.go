// Package configstore is the corridor from devices to revisions, drift and
// verdicts: it joins pull, scrub, blob, tree, diff, drift and compliance, owns
// what a stored configuration is, and declares what it needs from storage.
//
// It refuses to store what is not proved complete, and refuses to know how a
// device was found: it meets discovery in netdev.Device only.
package configstore
