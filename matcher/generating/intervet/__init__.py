"""The sample `sample_data/intervet`: published margins, everything else invented from a seed."""
