"""What the README claims about speed, each as one command."""
