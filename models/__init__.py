"""What a mobility round is: its words, tables, policy and money, and what a solver gets and claims."""
