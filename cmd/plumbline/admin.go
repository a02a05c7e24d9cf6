package main

import "github.com/spf13/cobra"

func newAdmin() *cobra.Command {
	c := &cobra.Command{
		Use:   "admin",
		Short: "Look after the appliance",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(adminCommands()...)
	return c
}

// adminCommands lists what stands below admin; one line each.
func adminCommands() []*cobra.Command {
	return []*cobra.Command{
		newAdminStats(),
		newAdminStatus(),
		newAdminVerify(),
		newAdminToken(),
		newAdminSetupLink(),
		newAdminUsers(),
		newAdminDevice(),
		newAdminCredentials(),
		newAdminApprove(),
		newAdminSchedule(),
	}
}
