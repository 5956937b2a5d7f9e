"""What belongs to the account itself and changes seldom: menu, QR codes, tags, material, customer-service accounts, quotas."""
