"""What a deployment gives to settings: variables of deploy files, copies, declarations."""
