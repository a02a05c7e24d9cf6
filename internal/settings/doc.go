// Package settings reads Plumbline's own knobs: settings.yaml of the appliance
// and the credentials file of the command line. Both are strict: an unknown
// key is an error with file and line.
//
// It refuses to know anything of a device's configuration.
package settings
