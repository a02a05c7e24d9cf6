// Package vault keeps what must stay secret: it wraps data keys with one
// master key, seals and opens small values under them, hands out credentials
// where their scope allows it, and counts failed logins so that no device
// locks an account.
//
// It refuses to know what a sealed value means, how it is stored, and how a
// device is spoken to.
package vault
