"""What energy costs: prices of every source, the household's tariff, money and CO2."""
